#!/bin/sh
# HTX in pipes, as an operator would use it: a command behind a listener, a TCP service behind a listener, stdin and
# stdout of both ends, and a peer that is refused. Needs `aiv` on the PATH; prints what holds, fails at the first that
# does not.
set -eu

listeners=
trap 'kill $listeners 2>/dev/null || :' EXIT

# start NAME FLAG…: runs a listener in the background; its address is in $address.
start() {
  name=$1
  shift
  # The shell in the background may come to it only after the first look below.
  : >"$name.events" >"$name.errors"
  aiv htx listen "$LINK" --json "$@" >"$name.events" 2>"$name.errors" &
  listeners="$listeners $!"
  last=$!
  for _ in $(seq 200); do
    address=$(sed -n 's/.*"event":"ready".*"address":"\([^"]*\)".*/\1/p' "$name.events" "$name.errors")
    [ -n "$address" ] && return
    sleep 0.1
  done
  cat "$name.errors" >&2
  return 1
}

LINK=${1:-htx+tcp://127.0.0.1:0}
head -c 3000000 /dev/urandom >input.bin

# A command that answers only after it has read everything: half-close is carried through.
start exec --exec 'sha256sum | cut -d" " -f1'
sum=$(sha256sum <input.bin | cut -d' ' -f1)
[ "$(aiv htx connect "$address" <input.bin)" = "$sum" ]
[ "$(cat input.bin input.bin | aiv htx connect "$address")" = "$(cat input.bin input.bin | sha256sum | cut -d' ' -f1)" ]
echo 'a command read to the end and answered'

# A command that ends before its input does.
start head --exec 'head -c 5'
[ "$(aiv htx connect "$address" <input.bin | wc -c)" -eq 5 ]
echo 'a command that stopped early was no failure'

# Bytes come back unchanged, through a chain of pipes.
start echo --echo
gzip -c input.bin | aiv htx connect "$address" | gzip -dc | cmp - input.bin
echo 'bytes came back unchanged'

# stdin and stdout on both ends, one session.
: >stdio.events
aiv htx listen "$LINK" --stdio --once --json <input.bin >received.bin 2>stdio.events &
listeners="$listeners $!"
stdio=$!
address=
for _ in $(seq 200); do
  address=$(sed -n 's/.*"event":"ready".*"address":"\([^"]*\)".*/\1/p' stdio.events)
  [ -n "$address" ] && break
  sleep 0.1
done
echo 'over and out' | aiv htx connect "$address" | cmp - input.bin
wait "$stdio"
[ "$(cat received.bin)" = 'over and out' ]
echo 'both ends joined their stdin and stdout'

# Only named peers come in.
aiv key new --out friend.json >/dev/null
friend=$(aiv key show friend.json --json | sed 's/.*"peer":"\([^"]*\)".*/\1/')
start allow --echo --allow "$friend"
[ "$(echo hello | aiv htx connect "$address" --key friend.json)" = hello ]
code=0
echo hello | aiv htx connect "$address" 2>refused || code=$?
[ "$code" -eq 1 ] && grep -q POLICY_REJECTED refused
echo 'a stranger was refused and the friend was not'

# A wrong key in the address: nothing of the application is sent, and the listener stays silent.
start silent --exec 'cat >leaked.txt'
other=$(aiv key show friend.json --json | sed 's/.*"peer":"\([^"]*\)".*/\1/')
wrong=$(printf '%s' "$address" | sed "s/ciq[a-z2-7]*@/$other@/")
code=0
echo secret | aiv htx connect "$wrong" 2>mismatch || code=$?
[ "$code" -eq 1 ] && grep -q 'not '"$other" mismatch
[ ! -e leaked.txt ]
echo 'a wrong peer got nothing'
