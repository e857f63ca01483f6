#!/bin/sh
# Runs a command, such as `claude -p …` in CI, and fails when Ledgerline's guard stopped it: the client itself exits with 0 then.
#
#   run.sh [--] COMMAND [ARGUMENT …]
#
# guard.sh stands beside it, and is the hook of the client's settings; docs/guard.md explains both. Exits with 75 where the guard did not
# let it start or stopped a session in it, otherwise as the command does: 128 and the number of the signal that ended it, 127 without one.
set -u

EXIT_STOPPED=75
GUARD=$(dirname "$0")/guard.sh

# The sentence of a hook's answer.
sentence() {
  sed -n -e '1{s/^{"[a-zA-Z]*":false,"stopReason":"//' -e 's/"}$//' -e 's/\\"/"/g' -e 's/\\\\/\\/g' -e 'p' -e '}' "$1"
}

stopped() {
  [ -s "$LEDGERLINE_RUN_DIR/stopped" ]
}

ask() {
  printf '{"session_id":"run-%s-%s","hook_event_name":"UserPromptSubmit"}' "$$" "$(date +%s)" | sh "$GUARD" >/dev/null
}

finish() {
  rm -rf "$LEDGERLINE_RUN_DIR"
  exit "$1"
}

[ "${1:-}" != -- ] || shift
[ $# -gt 0 ] || { echo 'Usage: run.sh [--] COMMAND [ARGUMENT …]' >&2 && exit 2; }

# A link leads to this file alone, and what asks nobody would start everything.
[ -r "$GUARD" ] || { printf 'ledgerline run: there is no %s: run run.sh where it stands, not by a link to it.\n' "$GUARD" >&2 && exit 2; }

LEDGERLINE_RUN_DIR=$(umask 077 && mktemp -d "${TMPDIR:-/tmp}/ledgerline-run.XXXXXX") || exit 2
export LEDGERLINE_RUN_DIR

ask
if stopped; then
  printf 'ledgerline run: not started: %s\n' "$(sentence "$LEDGERLINE_RUN_DIR/stopped")" >&2
  finish "$EXIT_STOPPED"
fi

if [ -t 0 ]; then
  # A terminal sends its signals to the command, too.
  trap : INT QUIT
  "$@"
  code=$?
else
  # In the background, so that a signal to this shell is passed on while the command runs.
  exec 3<&0
  "$@" <&3 3<&- &
  child=$!
  for signal in HUP INT QUIT TERM; do
    # shellcheck disable=SC2064 # Both are known now.
    trap "interrupted=1; kill -$signal $child 2>/dev/null" "$signal"
  done
  code='' interrupted=1
  # A signal to this shell ends the wait, not the command. 127 the second time: the command had ended, and its code is known.
  while [ -n "$interrupted" ]; do
    interrupted=''
    wait "$child"
    again=$?
    [ "$again" -eq 127 ] && [ -n "$code" ] || code=$again
  done
fi

if stopped; then
  printf 'ledgerline run: the guard stopped this run: %s\n' "$(sentence "$LEDGERLINE_RUN_DIR/stopped")" >&2
  finish "$EXIT_STOPPED"
fi
finish "$code"
