# Reads JSON in awk, for the scripts of clients, and makes its strings fit to be printed on a terminal. No apostrophes: it is put into shell scripts.
#
# piece() is given the parts between quotes, one after the other (RS is a quote). got[] then has the values by path, kind[] "s" for strings, "n"
# for numbers. The first of two keys holds. bad: it is no JSON, or none that a client or a collector writes.
function start(prefix) { root = prefix; bad = inside = depth = 0; want = "value"; held = "" }
function piece(text,   n) {
  if (bad) return
  if (!inside) { between(text); inside = 1; return }
  n = length(text)
  while (n > 0 && substr(text, n, 1) == "\\") if (length(text) - n-- > 1000) { bad = 1; return }
  if (length(held) < 2000) held = held substr(text, 1, 2000)
  # The quote is part of the text.
  if ((length(text) - n) % 2) { if (length(held) < 2000) held = held "\""; return }
  string(held)
  held = ""
  inside = 0
}
function between(text,   c, n) {
  gsub(/[ \t\r\n]+/, " ", text)
  if (length(text) > 2000) bad = 1
  while (text != "" && !bad) {
    c = substr(text, 1, 1)
    n = 1
    if (index("{}[]:,", c)) structure(c)
    else if (c != " ") {
      n = match(text, /[][{}:, ]/) ? RSTART - 1 : length(text)
      word(substr(text, 1, n))
    }
    text = substr(text, n + 1)
  }
}
function structure(c) {
  if ((c == "{" || c == "[") && want ~ /^value/ && depth < 60) {
    prefix[depth + 1] = depth == 0 ? root : (in_what[depth] == "[" ? "[" : prefix[depth] name[depth] ".")
    in_what[++depth] = c
    want = c == "{" ? "key or end" : "value or end"
  } else if (c == "}" && in_what[depth] == "{" && (want == "key or end" || want == "comma")) leave()
  else if (c == "]" && in_what[depth] == "[" && (want == "value or end" || want == "comma")) leave()
  else if (c == ":" && want == "colon") want = "value"
  else if (c == "," && want == "comma") want = in_what[depth] == "{" ? "key" : "value"
  else bad = 1
}
function leave() { in_what[depth--] = ""; want = depth ? "comma" : "end" }
function string(text) {
  if (want ~ /^key/) { name[depth] = text ~ /^[A-Za-z0-9_]+$/ ? text : "?"; want = "colon" }
  else take(text, "s")
}
function word(text) {
  if (text ~ /^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][-+]?[0-9]+)?$/ && length(text) < 40) take(text, "n")
  else if (text == "true" || text == "false" || text == "null") take(text, "w")
  else bad = 1
}
function take(text, what,   path) {
  if (want !~ /^value/ || depth == 0) { bad = 1; return }
  path = prefix[depth] name[depth]
  if (in_what[depth] == "{" && !(path in got)) { got[path] = text; kind[path] = what }
  want = "comma"
}
function ended() { return !bad && inside && want == "end" }
# A number that can be shown, or ""; of the collector also a decimal in quotes.
function number(path,   text) {
  text = got[path]
  if (kind[path] != "n" && !(kind[path] == "s" && path ~ /^answer/ && text ~ /^-?[0-9]+([.][0-9]+)?$/)) return ""
  if (text ~ /[eE][-+]?[0-9][0-9][0-9]/) return ""
  return text + 0 < 1e15 && text + 0 > -1e15 ? text + 0 : ""
}
# A string without what a terminal would obey or hide: controls, marks of direction, bytes that are no UTF-8.
function name_at(path, most,   text, out, at, c) {
  text = kind[path] == "s" ? got[path] : ""
  while ((at = index(text, "\\"))) {
    c = substr(text, at + 1, 1)
    out = out substr(text, 1, at - 1)
    if (c == "u") {
      out = out escaped(text, at)
      at += pair ? 10 : 4
    } else out = out (index("\"\\/", c) ? c : " ")
    text = substr(text, at + 2)
  }
  return shortened(clean(out text), most)
}
function escaped(text, at,   code, low) {
  pair = 0
  code = hex(substr(text, at + 2, 4))
  if (code >= 55296 && code < 56320 && substr(text, at + 6, 2) == "\\u") {
    low = hex(substr(text, at + 8, 4))
    if (low >= 56320 && low < 57344) { pair = 1; code = 65536 + (code - 55296) * 1024 + low - 56320 }
  }
  return utf8(code)
}
function hex(text,   at, n) {
  if (text !~ /^[0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f]$/) return 0
  for (at = 1; at <= 4; at++) n = n * 16 + index("0123456789abcdef", tolower(substr(text, at, 1))) - 1
  return n
}
function byte(n) { return sprintf("%c", n + 0) }
function utf8(code) {
  if (code < 32) return " "
  if (code < 128) return byte(code)
  if (code < 2048) return byte(192 + int(code / 64)) byte(128 + code % 64)
  if (code < 65536) return byte(224 + int(code / 4096)) byte(128 + int(code / 64) % 64) byte(128 + code % 64)
  return byte(240 + int(code / 262144)) byte(128 + int(code / 4096) % 64) byte(128 + int(code / 64) % 64) byte(128 + code % 64)
}
function number_of(b) { return b in order ? order[b] : 0 }
function clean(text,   out, at, b, more, code, least, from, n) {
  text = substr(text, 1, 1000)
  if (text ~ /[^ -~]/) {
    for (n = 128; n < 256; n++) order[byte(n)] = n
    for (at = 1; at <= length(text); at++) {
      b = substr(text, at, 1)
      if (b ~ /[ -~]/) { out = out b; continue }
      b = number_of(b)
      if (b < 128) out = out " "
      if (b < 194 || b > 244) continue
      more = b < 224 ? 1 : b < 240 ? 2 : 3
      code = b - (more == 1 ? 192 : more == 2 ? 224 : 240)
      least = more == 1 ? 128 : more == 2 ? 2048 : 65536
      for (from = at; more > 0 && (b = number_of(substr(text, at + 1, 1))) >= 128 && b < 192; more--) { code = code * 64 + b - 128; at++ }
      if (more == 0 && code >= least && !is_hidden(code)) out = out substr(text, from, at - from + 1)
    }
    text = out
  }
  gsub(/ +/, " ", text)
  gsub(/^ | $/, "", text)
  return text
}
function is_hidden(code) {
  return code < 160 || code == 173 || code == 1564 || code >= 8203 && code <= 8207 || code >= 8232 && code <= 8238 || code >= 8288 && code <= 8303 || \
    code >= 55296 && code <= 57343 || code == 65279 || code >= 65529 && code <= 65533 || code >= 917504
}
# Columns of a terminal: letters of East Asia and pictures take two.
function columns(text,   n, b, wide) {
  gsub(ESC "\\[[0-9]*m", "", text)
  if (text !~ /[^ -~]/) return length(text)
  for (n = 1; n <= length(text); n++) {
    b = number_of(substr(text, n, 1))
    if (b >= 128 && b < 192) wide--
    else if (b >= 227) wide++
  }
  return length(text) + wide
}
function shortened(text, most) {
  if (columns(text) <= most) return text
  while (columns(text) > most - 2) {
    do { text = substr(text, 1, length(text) - 1) } while (!whole(text))
  }
  sub(/ $/, "", text)
  return text ".."
}
# Does no letter of it end in the middle?
function whole(text,   back, b) {
  for (back = 0; back < 4; back++) {
    b = number_of(substr(text, length(text) - back, 1))
    if (b < 128) return back == 0
    if (b >= 192) return back == (b < 224 ? 1 : b < 240 ? 2 : 3)
  }
  return 0
}
