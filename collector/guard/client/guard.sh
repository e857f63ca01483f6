#!/bin/sh
# Ledgerline's guard: a hook command for Claude Code that stops work past a hard limit. docs/guard.md explains it.
#
# Reads the hook's input on standard input, prints at most one line of JSON, and always exits 0. Needs a POSIX shell, awk and curl.
# What leaves this machine: the session's id, the event's name, for a cold cache its estimated cost, and the token. Never a prompt.
#
#   LEDGERLINE_URL                    the collector, such as https://ledgerline.example.com
#   LEDGERLINE_TOKEN                  its token, or LEDGERLINE_TOKEN_FILE, a file that holds it
#   LEDGERLINE_GUARD_ON_FAILURE       open (default): without an answer, work goes on; closed: it stops
#   LEDGERLINE_GUARD_OFFLINE_SECONDS  how long the last answer holds while there is no new one (default 3600)
#   LEDGERLINE_GUARD_TIMEOUT_SECONDS  how long a hook may wait for an answer, 1 to 12 (default 2); more counts as 12
#   LEDGERLINE_GUARD_CONTACT          whom to ask, in the sentences of this script
#   LEDGERLINE_CACHE_DIR              where answers are kept (default: ledgerline in the user's cache folder)
umask 077
# What goes wrong here is for nobody to read. For good, so that no process in the background keeps the client's end open.
exec 2>/dev/null
# Bytes, not characters: faster, and the same everywhere.
LC_ALL=C
export LC_ALL

# An answer that is no longer fresh still serves for so long, while a new one is fetched in the background. A stop does not.
GRACE_SECONDS=30
# After a failure, hooks do not wait for the collector for so long; one of them asks in the background.
AWAY_SECONDS=10
BACKGROUND_SECONDS=10
# The client ends a hook after 15 seconds, and then work goes on, whatever the answer would have been.
TIMEOUT_SECONDS_MAX=12
FRESH_SECONDS=15
FRESH_SECONDS_MAX=300
CACHE_FILES_MAX=600
RESPONSE_BYTES_MAX=8192
NL='
'

# Prints "now session event estimate", each one word, "-" for what is missing or has characters that such a value cannot have.
# Strings are split at their quotes: what stands in a prompt or in a tool's input is deeper, or no key. The first of two keys holds.
# Reads to the end, so that the client can write all of it; the time comes with it, so that no second command is started for it.
read_input() {
  exec awk '
    BEGIN { RS = "\""; srand(); now = srand(); depth = 0; inside = 0; key = ""; whole = 1; before = "" }
    inside {
      n = length($0)
      while (n > 0 && substr($0, n, 1) == "\\") n--
      if ((length($0) - n) % 2 == 1) { whole = 0; next }
      inside = 0
      if (depth != 1) next
      text = whole ? $0 : ""
      if (before != ":") key = text
      else if (key == "session_id" && !("s" in seen)) { seen["s"] = text }
      else if (key == "hook_event_name" && !("e" in seen)) { seen["e"] = text }
      next
    }
    {
      between = $0
      gsub(/[ \t\r\n]/, "", between)
      if (depth == 1 && key == "estimated_cache_write_usd" && !("u" in seen) && between ~ /^:[0-9]/) {
        number = substr(between, 2)
        sub(/[,}].*$/, "", number)
        seen["u"] = number
      }
      before = substr(between, length(between), 1)
      depth += gsub(/[[{]/, "", between)
      depth -= gsub(/[]}]/, "", between)
      inside = 1
      whole = 1
    }
    function checked(text, pattern, most) { return length(text) <= most && text ~ pattern ? text : "-" }
    END {
      print now, checked(seen["s"], "^[A-Za-z0-9][A-Za-z0-9._-]*$", 128), checked(seen["e"], "^[A-Za-z]+$", 64), \
        checked(seen["u"], "^[0-9]+([.][0-9]+)?([eE]-?[0-9]+)?$", 24)
    }
  '
}

# Whether a shell can calculate with it.
is_number() {
  case $1 in '' | *[!0-9]* | 0[0-9]* | ???????????*) return 1 ;; esac
}

# The folder of answers, in $dir; '' where none can be written. It holds nothing else, and belongs to this user, also in a shared place.
find_folder() {
  for dir in "${LEDGERLINE_CACHE_DIR:+$LEDGERLINE_CACHE_DIR/guard}" "${XDG_CACHE_HOME:+$XDG_CACHE_HOME/ledgerline/guard}" \
    "${HOME:+$HOME/.cache/ledgerline/guard}" "${TMPDIR:-/tmp}/ledgerline-guard-${USER:-${LOGNAME:-user}}"; do
    [ -n "$dir" ] || continue
    [ -d "$dir" ] || mkdir -p "$dir" || continue
    [ -w "$dir" ] && [ -O "$dir" ] && [ ! -L "$dir" ] && return
  done
  dir=''
}

# The kept answer, in $answer, $age, $fresh and $notice; '' where there is none that can be read.
read_answer() {
  answer='' age=0 fresh=0 notice='' stamp=''
  [ -n "$dir" ] && [ -r "$file" ] || return 0
  { read -r stamp fresh notice && IFS= read -r answer; } <"$file" || answer=''
  is_number "${stamp:-}" && is_number "$fresh" && is_answer "$answer" || answer=''
  [ -n "$answer" ] || return 0
  age=$((now - stamp))
  # The clock was set back: nobody knows how old it is.
  [ "$age" -ge 0 ] || answer=''
}

# Whether it is what a collector answers to a hook, in one line, and whole.
is_answer() {
  case $1 in
    *[[:cntrl:]]*) return 1 ;;
    '{}') return 0 ;;
    *'\"}') return 1 ;;
    '{"systemMessage":"'*'"}' | '{"continue":false,"stopReason":"'*'"}' | '{"decision":"block","reason":"'*'"}') return 0 ;;
  esac
  return 1
}

is_stop() {
  case $1 in '{"continue":false,'* | '{"decision":"block",'*) return 0 ;; esac
  return 1
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

# Asks the collector, for at most so many seconds; the token goes through standard input, so that no list of processes shows it.
# Sets $body and $fresh; returns 1 with $why, half a sentence, where there is no answer that can be used.
ask() {
  case $url in
    *@*) place=$(printf '%s' "$url" | sed 's|//[^/]*@|//|') ;;
    *) place=$url ;;
  esac
  find_token
  case $url in
    '') why='LEDGERLINE_URL is not set' && return 1 ;;
    http://* | https://*) ;;
    *) why='LEDGERLINE_URL does not begin with https://' && return 1 ;;
  esac
  case $url in *[\"\\[:space:]]*) why='LEDGERLINE_URL has a character that an address cannot have' && return 1 ;; esac
  case $token in *[![:graph:]]* | *[\"\\]*) why='LEDGERLINE_TOKEN has a character that a token cannot have' && return 1 ;; esac
  command -v curl >/dev/null 2>&1 || { why='curl is not installed' && return 1; }
  [ "$estimate" = - ] && query='' || query="&estimate_usd=$estimate"
  response=$({
    printf 'url = "%s/api/v1/me/guard?session=%s&event=%s&format=hook%s"\n' "${url%/}" "$session" "$event" "$query"
    [ -z "$token" ] || printf 'header = "Authorization: Bearer %s"\n' "$token"
  } | curl -q -K - -s -i --proto '=http,https' --connect-timeout "$1" --max-time "$1" | head -c "$RESPONSE_BYTES_MAX" | tr -d '\r\000')
  read_response
}

# Code, lifetime and body of the last response in $response: a proxy's own come before it.
read_response() {
  code='' body='' fresh=$FRESH_SECONDS rest=$response$NL
  while [ -n "$rest" ]; do
    line=${rest%%"$NL"*}
    rest=${rest#*"$NL"}
    case $line in
      HTTP/*) code=${line#* } code=${code%% *} ;;
      [Cc]ache-[Cc]ontrol:*max-age=*) fresh=${line#*max-age=} fresh=${fresh%%[!0-9]*} ;;
      '') case $rest in HTTP/*) ;; *) break ;; esac ;;
    esac
  done
  body=${rest%"$NL"} body=${body%"$NL"}
  is_number "$fresh" || fresh=$FRESH_SECONDS
  [ "$fresh" -le "$FRESH_SECONDS_MAX" ] || fresh=$FRESH_SECONDS_MAX
  case $code in
    200) is_answer "$body" && return 0 || why="what answers at $place is not a Ledgerline collector that knows the guard" ;;
    401 | 403) why="the collector at $place refuses the token (HTTP $code)" ;;
    [0-9]*) why="the collector at $place answers with HTTP $code" ;;
    *) why="the collector at $place does not answer" ;;
  esac
  return 1
}

# Keeps the body as the answer of now; $notice stands for the text of a warning, which is shown once.
keep() {
  answer=$body age=0 notice=-
  case $answer in '{"systemMessage":'*) notice=$(printf '%s\n' "$answer" | digest) ;; esac
  [ -n "$dir" ] || return 0
  [ -e "$file" ] || tidy
  printf '%s %s %s\n%s\n' "$now" "$fresh" "$notice" "$answer" >"$file.$$" && mv -f "$file.$$" "$file" || rm -f "$file.$$"
  [ ! -e "$away" ] || rm -f "$away"
}

# A number for a line of text. Not every busybox has cksum.
digest() {
  awk '{
    letters = " !#$%&()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~"
    for (at = 1; at <= length($0); at++) sum = (sum * 131 + index(letters, substr($0, at, 1))) % 1000000007
    print sum
  }'
}

# Remembers that there is no answer, and why.
keep_failure() {
  [ -z "$dir" ] || { printf '%s %s\n' "$now" "$why" >"$away.$$" && mv -f "$away.$$" "$away"; } || rm -f "$away.$$"
}

# Before a session's first file: what is old goes, and all of it where there is too much.
tidy() {
  find "$dir" -type f -mtime +1 -exec rm -f {} +
  set -- "$dir"/*
  [ $# -le "$CACHE_FILES_MAX" ] || find "$dir" -type f -exec rm -f {} +
}

# Asks without making the hook wait; where several hooks would, one does.
refresh() {
  lock=$file.asking was=${stamp:-}
  set -C
  if ! printf '%s\n' "$now" >"$lock"; then
    # A lock without a time was made this instant, and its time is about to be written; or nothing could be written, a while ago.
    read -r since <"$lock" || { [ -z "$(find "$lock" -mmin +1)" ] && since=$now || since=0; }
    is_number "$since" && [ $((now - since)) -le $((2 * BACKGROUND_SECONDS)) ] && { set +C; return; }
    rm -f "$lock"
    printf '%s\n' "$now" >"$lock" || { set +C; return; }
  fi 2>/dev/null
  set +C
  # Another hook has asked since this one read the answer.
  stamp=''
  [ ! -r "$file" ] || read -r stamp rest <"$file" || :
  [ "$stamp" = "$was" ] || { rm -f "$lock"; return; }
  { { ask "$BACKGROUND_SECONDS" && keep; } || keep_failure; rm -f "$lock"; } </dev/null >/dev/null 2>&1 &
}

# Prints what the hook answers. A warning that this session has seen is not repeated.
say() {
  case $1 in
    '{}') ;;
    '{"systemMessage":'*) ! was_shown "${2:-}" && printf '%s\n' "$1" ;;
    *)
      printf '%s\n' "$1"
      case $1 in '{"continue":false,'*) [ -z "${LEDGERLINE_RUN_DIR:-}" ] || printf '%s\n' "$1" >>"$LEDGERLINE_RUN_DIR/stopped" ;; esac
      ;;
  esac
  exit 0
}

# Creating the file decides which of two hooks shows it. Without a folder, only what begins a turn shows warnings.
was_shown() {
  if [ -z "$dir" ]; then
    case $event in UserPromptSubmit | SessionStart | PreModelSwitch) return 1 ;; esac
    return 0
  fi
  [ -e "$dir/$session.shown-$1" ] && return 0
  set -C
  printf '%s\n' "$now" >"$dir/$session.shown-$1" && { set +C; return 1; }
  set +C
}

# The sentence in the form in which this event stops something. SessionStart cannot stop: it warns.
stop_with() {
  case $event in
    PreCompact | PreModelSwitch) say "{\"decision\":\"block\",\"reason\":\"$1\"}" ;;
    SessionStart) say "{\"systemMessage\":\"$1\"}" closed ;;
    *) say "{\"continue\":false,\"stopReason\":\"$1\"}" ;;
  esac
}

# What a turn was answered last, where that is newer than what this event was: a stop holds for all of them, and for what has no answer of
# its own, the rest does, too. A cold cache is no matter of a turn.
find_newest() {
  [ -n "$kind" ] && [ "$kind" != turn ] || return 0
  own=$answer own_age=$age own_notice=$notice file=$dir/$session.turn
  read_answer
  if [ -n "$answer" ]; then
    [ -n "$own" ] || return 0
    [ "$age" -lt "$own_age" ] && { [ "$kind" = PreCompact ] || is_stop "$answer"; } && return 0
  fi
  answer=$own age=$own_age notice=$own_notice
}

# There is no new answer, because of $why: the last one holds for a time, then the configuration decides.
fall_back() {
  contact=${LEDGERLINE_GUARD_CONTACT:-whoever runs Ledgerline in your organization}
  case $contact in *[\"\\[:cntrl:]]*) contact='whoever runs Ledgerline in your organization' ;; esac
  case $why in *[\"\\[:cntrl:]]*) why='the collector does not answer' ;; esac
  find_newest
  if [ -n "$answer" ] && [ "$age" -lt "$offline" ]; then
    if is_stop "$answer"; then
      sentence=${answer#*eason\":\"}
      stop_with "${sentence%\"\}} (Answer of $(minutes "$age") ago: $why.)"
    fi
    warn_of_token
    say "$answer" "$notice"
  fi
  if [ "${LEDGERLINE_GUARD_ON_FAILURE:-open}" = closed ]; then
    [ -n "$answer" ] && last="its last answer is $(minutes "$age") old" || last='there is no earlier answer for this session'
    stop_with "Ledgerline's guard cannot check your budgets: $why, and $last. Work stops until it can. Ask $contact, or try again in a minute."
  fi
  warn_of_token
  exit 0
}

# A guard that is refused is not in force, and nobody would notice.
warn_of_token() {
  case $why in
    *'refuses the token'*) was_shown token || { printf '%s\n' "{\"systemMessage\":\"Ledgerline's guard is not in force: $why. Ask $contact for a new one.\"}" && exit 0; } ;;
  esac
}

# Seconds in words.
minutes() {
  if [ "$1" -lt 60 ]; then printf '%s s' "$1"; else printf '%s min' $(($1 / 60)); fi
}

main() {
  url=${LEDGERLINE_URL:-}
  offline=${LEDGERLINE_GUARD_OFFLINE_SECONDS:-3600} timeout=${LEDGERLINE_GUARD_TIMEOUT_SECONDS:-2}
  is_number "$offline" || offline=3600
  # Nothing is no limit for curl, and the client would end the hook.
  is_number "$timeout" && [ "$timeout" -ge 1 ] || timeout=2
  [ "$timeout" -le "$TIMEOUT_SECONDS_MAX" ] || timeout=$TIMEOUT_SECONDS_MAX
  answer='' age=0 notice='' dir='' kind='' why='its input cannot be read'
  # shellcheck disable=SC2046 # Four words, without characters that the shell expands.
  set -- $(read_input)
  now=${1:-0} session=${2:--} event=${3:--} estimate=${4:--}
  case $event in
    UserPromptSubmit | PreToolUse | PostToolUse | PostToolBatch) kind=turn estimate=- ;;
    SessionStart | PreModelSwitch) kind=$event-$estimate ;;
    PreCompact) kind=$event estimate=- ;;
    -) fall_back ;;
    # No other event can stop anything, and some take any output as an answer to their own question.
    *) exit 0 ;;
  esac
  [ "$session" != - ] || fall_back
  find_folder
  file=$dir/$session.$kind away=$dir/away
  read_answer
  [ -z "$answer" ] || [ "$age" -ge "$fresh" ] || say "$answer" "$notice"
  if [ -n "$answer" ] && ! is_stop "$answer" && [ "$age" -lt $((fresh + GRACE_SECONDS)) ]; then
    refresh
    say "$answer" "$notice"
  fi
  if [ -n "$dir" ] && [ -r "$away" ] && read -r since why <"$away" && is_number "$since" && [ $((now - since)) -lt "$AWAY_SECONDS" ] && [ $((since - now)) -lt "$AWAY_SECONDS" ]; then
    refresh
    fall_back
  fi
  if ask "$timeout"; then
    keep
    say "$answer" "$notice"
  fi
  keep_failure
  fall_back
}

main
