# The line of the status line: reads the client input and the kept answer of the collector, and fills in the template. Used with json.awk.
# Prints "now key session ask" for the script, then the line.
BEGIN {
  NAMES = " budget budget_left budget_used_percent today today_usd context context_percent session session_usd rate_limits five_hour seven_day " \
    "spend_limit five_hour_percent seven_day_percent spend_limit_percent model budget_name budget_amount budget_spent budget_ends age resets " \
    "context_tokens effort repo session_name lines duration user team version "
  ESC = sprintf("%c", 27)
  srand()
  now = srand()
  colors = ENVIRON["LEDGERLINE_COLORS"] != ""
  widest = ENVIRON["LEDGERLINE_COLUMNS"] + 0
  template = clean(ENVIRON["LEDGERLINE_TEMPLATE"])
  if (ENVIRON["LEDGERLINE_CHECK"] != "") { check(); exit }
  read_answer()
  start("in.")
  RS = "\""
}
{ piece($0) }
END {
  if (ENVIRON["LEDGERLINE_CHECK"] != "") exit
  print now, key, session_id(), must_ask()
  if (!ended()) exit
  read_figures()
  if (template == "") template = today != "" || left != "" ? "{model} | {session} / {today} / {budget} | {context}" : "{model} | {session} | {rate_limits} | {context}"
  print filled(template)
}
# Kept for this address and token alone, and for an hour.
function read_answer(   line, parts, n, i) {
  key = sum(ENVIRON["LEDGERLINE_URL"] " " ENVIRON["LEDGERLINE_TOKEN_READ"])
  if ((getline line < ENVIRON["LEDGERLINE_ANSWER"]) <= 0 || split(line, parts, " ") != 2 || parts[2] != key) return
  stamp = parts[1] + 0
  if (stamp > now || now - stamp >= 3600 || (getline line < ENVIRON["LEDGERLINE_ANSWER"]) <= 0) return
  n = split(line, parts, "\"")
  start("answer.")
  for (i = 1; i <= n; i++) piece(parts[i])
  has_answer = ended() && kind["answer.user"] == "s"
}
function session_id(   id) {
  id = kind["in.session_id"] == "s" ? got["in.session_id"] : ""
  return id ~ /^[A-Za-z0-9][A-Za-z0-9._-]*$/ && length(id) <= 128 ? id : "-"
}
function must_ask(   line) {
  if (ENVIRON["LEDGERLINE_URL"] == "" || has_answer && now - stamp < 30) return ""
  # Where somebody asks, or nobody answers.
  if ((getline line < ENVIRON["LEDGERLINE_ASKED"]) > 0 && line + 0 <= now && now - line < ENVIRON["LEDGERLINE_AGAIN"] + 0) return ""
  return "ask"
}
function sum(text,   n, letters, at) {
  for (n = 32; n < 127; n++) letters = letters byte(n)
  n = 0
  for (at = 1; at <= length(text); at++) n = (n * 131 + index(letters, substr(text, at, 1))) % 1000000007
  return n
}
function check(   text, id) {
  for (text = template; match(text, /[{][^{}]*[}]/); text = substr(text, 1, RSTART - 1) substr(text, RSTART + RLENGTH)) {
    id = substr(text, RSTART + 1, RLENGTH - 2)
    if (id !~ /^[a-z_]+$/ || !index(NAMES, " " id " ")) { print "there is no field {" id "}"; return }
  }
  if (text ~ /[{}]/) print "a brace has no other"
}
# The template, filled in. A part between " | " or " / " is left out where nothing is known of its fields; on a narrow terminal, too, those
# first of which all fields stand late in NAMES.
function filled(text,   n, i, best, done, is_first) {
  for (n = 1; match(text, / [|\/] /); n++) {
    part[n] = substr(text, 1, RSTART - 1)
    before[n + 1] = substr(text, RSTART, 3)
    text = substr(text, RSTART + 3)
  }
  part[n] = text
  for (i = 1; i <= n; i++) shown[i] = part_filled(part[i], i)
  if (!is_too_wide(line_of(n))) return line_of(n)
  # Shorter, and the most important first, as long as there is room.
  brief = 1
  for (i = 1; i <= n; i++) delete shown[i]
  for (done = 0; done < n; done++) {
    best = 0
    for (i = 1; i <= n; i++) if (!(i in shown) && (best == 0 || rank[i] < rank[best])) best = i
    is_first = line_of(n) == ""
    shown[best] = part_filled(part[best], best)
    if (is_too_wide(line_of(n)) && !is_first) shown[best] = ""
  }
  text = line_of(n)
  if (!is_too_wide(text)) return text
  gsub(ESC "\\[[0-9]*m", "", text)
  return shortened(text, widest)
}
function is_too_wide(text) { return widest > 0 && columns(text) > widest }
function part_filled(text, i,   out, id, value, fields, known) {
  while (match(text, /[{][a-z_]+[}]/)) {
    id = substr(text, RSTART + 1, RLENGTH - 2)
    value = index(NAMES, " " id " ") ? field(id) : ""
    fields++
    if (value != "" && (!known++ || index(NAMES, " " id " ") < rank[i])) rank[i] = index(NAMES, " " id " ")
    out = out substr(text, 1, RSTART - 1) value
    text = substr(text, RSTART + RLENGTH)
  }
  if (fields && !known) return ""
  if (!fields) rank[i] = 10000
  out = out text
  gsub(/  +/, " ", out)
  gsub(/^ | $/, "", out)
  return out
}
function line_of(n,   i, out, sep) {
  for (i = 1; i <= n; i++) {
    if (sep == "" || before[i] == " | ") sep = before[i]
    if (!(i in shown) || shown[i] == "") continue
    out = out (out == "" ? "" : sep) shown[i]
    sep = ""
  }
  return out
}
