# For the other scripts of this folder: the program, and inputs of several lines as words of a command line.

# The Node that the package brings, where it was installed with it; else that of the runner.
aiv_node=$GITHUB_ACTION_PATH/node_modules/.bin/node
if [ ! -x "$aiv_node" ]; then aiv_node=node; fi

aiv() { "$aiv_node" "$GITHUB_ACTION_PATH/bin/run.js" "$@"; }

# each FLAG TEXT: sets `words` to FLAG=LINE for each line of TEXT that is not empty.
each() {
  local line
  words=()
  while IFS= read -r line; do
    line="${line#"${line%%[![:space:]]*}"}"
    line="${line%"${line##*[![:space:]]}"}"
    if [ -n "$line" ]; then words+=("$1=$line"); fi
  done <<<"$2"
}
