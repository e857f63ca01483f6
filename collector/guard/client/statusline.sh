#!/bin/sh
# Ledgerline's status line for Claude Code: what is left, before it is gone. docs/statusline.md explains it, with all fields.
#
#   statusline.sh [--format TEMPLATE] [--width COLUMNS] [--no-color] [--check] [--help]
#
# Reads the client's JSON on standard input and prints one line, from it and from the collector's last answer; a new answer is fetched in the
# background. Exits with 0, and prints nothing where it cannot. Needs a POSIX shell, awk and curl. What leaves this
# machine is the session's id and the token.
#
#   LEDGERLINE_URL                the collector; without it, the line has the client's own limits
#   LEDGERLINE_TOKEN              its token, or LEDGERLINE_TOKEN_FILE, a file that holds it
#   LEDGERLINE_STATUSLINE_FORMAT  the template, where --format is not given
#   LEDGERLINE_CACHE_DIR          where the answer is kept (default: ledgerline in the user's cache folder)
#   NO_COLOR                      no colors
umask 077
# Bytes, not characters: faster, and the same everywhere.
LC_ALL=C
export LC_ALL

ASK_SECONDS=10
# No sooner than this it is asked again, answered or not.
AGAIN_SECONDS=15
RESPONSE_BYTES_MAX=8192
NL='
'

# The programs beside this file. Where it is installed by itself, they are in it.
case $0 in */*) here=${0%/*} ;; *) here=. ;; esac
PROGRAM=$(cat "$here/json.awk" "$here/statusline-fields.awk" "$here/statusline.awk" 2>/dev/null)

# Whether a shell can calculate with it.
is_number() {
  case $1 in '' | *[!0-9]* | 0[0-9]* | ???????????*) return 1 ;; esac
}

# The folder of the answer, in $dir; '' where none can be written. It belongs to this user, also in a shared place.
find_folder() {
  for dir in "${LEDGERLINE_CACHE_DIR:+$LEDGERLINE_CACHE_DIR/statusline}" "${XDG_CACHE_HOME:+$XDG_CACHE_HOME/ledgerline/statusline}" \
    "${HOME:+$HOME/.cache/ledgerline/statusline}" "${TMPDIR:-/tmp}/ledgerline-statusline-${USER:-${LOGNAME:-user}}"; do
    [ -n "$dir" ] || continue
    [ -d "$dir" ] || mkdir -p "$dir" || continue
    [ -w "$dir" ] && [ -O "$dir" ] && [ ! -L "$dir" ] && return
  done
  dir=''
}

# The token, in $token; '' where there is none.
find_token() {
  token=${LEDGERLINE_TOKEN:-}
  if [ -z "$token" ] && [ -n "${LEDGERLINE_TOKEN_FILE:-}" ] && [ -r "$LEDGERLINE_TOKEN_FILE" ]; then
    read -r token <"$LEDGERLINE_TOKEN_FILE" || :
    # What an editor on Windows puts around it: a byte order mark, and a carriage return.
    token=${token#"${token%%[[:graph:]]*}"}
    token=${token%"${token##*[[:graph:]]}"}
  fi
}

# Asks the collector; the token goes through standard input, so that no list of processes shows it.
# Sets $body; returns 1 with $why, half a sentence, where there is no answer that can be used.
ask() {
  case $url in
    http://* | https://*) ;;
    *) why='LEDGERLINE_URL does not begin with https://' && return 1 ;;
  esac
  case $url in *[\"\\[:space:]]*) why='LEDGERLINE_URL has a character that an address cannot have' && return 1 ;; esac
  case $token in *[![:graph:]]* | *[\"\\]*) why='LEDGERLINE_TOKEN has a character that a token cannot have' && return 1 ;; esac
  command -v curl >/dev/null 2>&1 || { why='curl is not installed' && return 1; }
  response=$({
    printf 'url = "%s/api/v1/me/statusline?session=%s"\n' "${url%/}" "$session"
    [ -z "$token" ] || printf 'header = "Authorization: Bearer %s"\n' "$token"
  } | curl -q -K - -s --proto '=http,https' --connect-timeout "$ASK_SECONDS" --max-time "$ASK_SECONDS" -w '\n%{http_code}' |
    head -c "$RESPONSE_BYTES_MAX" | tr -d '\r\000')
  code=${response##*"$NL"} body=${response%"$NL"*}
  case $code in
    200) case $body in *"$NL"*) ;; '{"user":null'*) why='nobody knows who it is' && return 1 ;; '{"'*'}') return 0 ;; esac && why='what answers is not a Ledgerline collector that knows the status line' ;;
    401 | 403) why="the collector refuses the token (HTTP $code)" ;;
    000 | '') why='the collector does not answer' ;;
    *) why="the collector answers with HTTP $code" ;;
  esac
  return 1
}

# Asks without making the client wait; where several would, one does. What is not answered is not asked again for a while.
refresh() {
  set -C
  if ! printf '%s\n' "$now" >"$asked"; then
    # Without a time it was made this instant, and its time is about to be written; or nothing could be written, a while ago.
    read -r since <"$asked" || { [ -z "$(find "$asked" -mmin +1)" ] && since=$now || since=0; }
    # Later than this line, where another one began after it and was faster; a lot later, where a clock was set back.
    is_number "$since" && [ $((now - since)) -lt "$AGAIN_SECONDS" ] && [ $((since - now)) -lt "$AGAIN_SECONDS" ] && return
    rm -f "$asked"
    printf '%s\n' "$now" >"$asked" || return
  fi
  set +C
  { ask && printf '%s %s\n%s\n' "$now" "$key" "$body" >"$answer.new" && mv -f "$answer.new" "$answer"; } </dev/null >/dev/null 2>&1 &
}

run_awk() {
  LEDGERLINE_URL=$url LEDGERLINE_TOKEN_READ=$token LEDGERLINE_TEMPLATE=$template LEDGERLINE_COLUMNS=$width LEDGERLINE_COLORS=$colors \
    LEDGERLINE_ANSWER=$answer LEDGERLINE_ASKED=$asked LEDGERLINE_AGAIN=$AGAIN_SECONDS LEDGERLINE_CHECK=$check awk "$PROGRAM"
}

# What is wrong with the template, or with what the collector is asked with: for whoever sets it up.
check_all() {
  check=yes
  wrong=$(run_awk </dev/null)
  [ -z "$wrong" ] || { echo "statusline: $wrong in the template: $template" >&2 && exit 2; }
  [ -n "$url" ] || { echo "The template is right. LEDGERLINE_URL is not set: the line has the client's own figures." && exit 0; }
  ask || case $body in
    '{"user":null'*) echo "The template is right, and the collector answers. Its token has no user: figures come once the session has records." && exit 0 ;;
    *) echo "statusline: $why" >&2 && exit 1 ;;
  esac
  echo 'The template is right, and the collector answers.'
  exit 0
}

main() {
  url=${LEDGERLINE_URL:-} template=${LEDGERLINE_STATUSLINE_FORMAT:-} width=${COLUMNS:-0} check='' answer='' asked='' wants_check='' body='' session=check
  [ -n "${NO_COLOR:-}" ] || [ "${TERM:-}" = dumb ] && colors='' || colors=yes
  while [ $# -gt 0 ]; do
    case $1 in
      --format) template=${2:-} && shift ;;
      --format=*) template=${1#*=} ;;
      --width) width=${2:-} && shift ;;
      --width=*) width=${1#*=} ;;
      --no-color) colors='' ;;
      --check) wants_check=yes ;;
      *) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" && exit 0 ;;
    esac
    [ $# -eq 0 ] || shift
  done
  is_number "$width" || width=0
  find_token
  [ -z "$wants_check" ] || check_all
  [ ! -t 0 ] || exit 0
  exec 2>/dev/null
  find_folder
  answer=$dir/answer asked=$dir/asked
  printed=$(run_awk)
  line=${printed#*"$NL"}
  [ "$line" = "$printed" ] || printf '%s\n' "$line"
  # shellcheck disable=SC2086 # Four words.
  set -- ${printed%%"$NL"*}
  now=${1:-} key=${2:-} session=${3:-}
  [ -z "${4:-}" ] || [ -z "$dir" ] || refresh
}

main "$@"
exit 0
