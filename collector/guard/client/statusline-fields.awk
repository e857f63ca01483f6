# What the fields of a template of the status line are, as text; "" where nothing is known. brief: there is little room. Used with json.awk and statusline.awk.
function usd(n) {
  if (n == "") return ""
  if (n < 0) return "-" usd(-n)
  return n > 0 && n < 0.005 ? "<$0.01" : "$" thousands(sprintf("%.2f", n))
}
function thousands(text,   n) {
  for (n = length(text) - 6; n > 0; n -= 3) text = substr(text, 1, n) "," substr(text, n + 1)
  return text
}
function tokens(n) {
  if (n == "") return ""
  if (n < 0) return "-" tokens(-n)
  if (n < 1000) return n ""
  return n < 1e6 ? int(n / 1000) "k" : n < 1e9 ? int(n / 1e5) / 10 "M" : int(n / 1e8) / 10 "G"
}
function amount(n) { return is_tokens ? tokens(n) (n == "" ? "" : " tokens") : usd(n) }
# Cut, never rounded up: 100 % is all of it.
function percent(n) { return n == "" ? "" : int(n + 1e-9) " %" }
function span(s,   d, h, m) {
  m = int(s / 60) % 60
  h = int(s / 3600) % 24
  d = int(s / 86400)
  if (d) return d "d" (h ? " " h "h" : "")
  if (h) return h "h" (m ? " " m "m" : "")
  return m ? m "m" : "<1m"
}
function colored(text, share) {
  if (text == "" || share == "" || share < 80) return text
  return paint(text, share < 100 ? 33 : 31)
}
function paint(text, color) { return colors ? ESC "[" color "m" text ESC "[0m" : text }
function with(text, label) { return text == "" ? "" : text label }
# Parts of a comma-separated list.
function joined(a, b) { return a == "" ? b : b == "" ? a : a ", " b }

function read_figures(   user, n) {
  if (!has_answer) return
  age = now - stamp + number("answer.evaluated_seconds_ago")
  if (number("answer.today_ends_in") > now - stamp) today = number("answer.today_usd")
  if (number("answer.budget.ends_in") == "" || number("answer.budget.ends_in") <= now - stamp) return
  is_tokens = got["answer.budget.unit"] == "tokens"
  left = number("answer.budget.remaining")
  ratio = number("answer.budget.used_ratio")
  # Of an amount of nothing.
  used = ratio == "" ? 100 : ratio * 100
  budget = name_at("answer.budget.key", 200)
  user = name_at("answer.user", 200)
  # One of each user: the name of the budget, not of the user.
  n = length(budget) - length(user)
  if (user != "" && n > 1 && substr(budget, n) == "/" user) budget = substr(budget, 1, n - 1)
  budget = shortened(budget, 24)
}
function budget_text(   text) {
  if (left == "") return ""
  text = budget " " (left > 0 ? amount(left) " left" : left < 0 ? amount(-left) " over" : "used up") (got["answer.budget.stopped"] == "true" ? ", stopped" : "")
  return colored(text, used) (brief && age < 60 ? "" : age_text())
}
function today_text() {
  if (today == "") return ""
  return usd(today) " today" (left == "" && age >= 60 ? age_text() : "")
}
function age_text() { return paint(" (" span(age) (brief ? "" : " ago") ")", 2) }
# A window of the client, until it begins anew.
function window(path, label,   used_part, ends, money, period) {
  used_part = number("in.rate_limits." path ".used_percentage")
  if (used_part == "" || is_over(path)) return ""
  ends = number("in.rate_limits." path ".resets_at")
  if (path == "spend_limit") {
    money = usd(number("in.rate_limits.spend_limit.used_usd"))
    if (money != "") money = money with(" of ", usd(number("in.rate_limits.spend_limit.limit_usd")))
    period = name_at("in.rate_limits.spend_limit.period", 12)
  }
  money = joined(joined(money, period), ends == "" ? "" : "resets in " span(ends - now))
  return colored(label " " percent(used_part), used_part) (money == "" || brief ? "" : " (" money ")")
}
function is_over(path,   ends) {
  ends = number("in.rate_limits." path ".resets_at")
  return ends != "" && ends <= now
}
function window_percent(path) { return is_over(path) ? "" : percent(number("in.rate_limits." path ".used_percentage")) }
function next_reset(   soonest, ends, i, paths) {
  split("five_hour seven_day spend_limit", paths, " ")
  for (i = 1; i <= 3; i++) {
    ends = number("in.rate_limits." paths[i] ".resets_at")
    if (ends != "" && ends > now && (soonest == "" || ends < soonest)) soonest = ends
  }
  return soonest == "" ? "" : "resets in " span(soonest - now)
}
function lines_text(   added, removed) {
  added = number("in.cost.total_lines_added")
  removed = number("in.cost.total_lines_removed")
  return added == "" || removed == "" ? "" : "+" added " -" removed
}
function field(id,   n) {
  if (id == "model") return (n = name_at("in.model.display_name", 30)) == "" ? name_at("in.model.id", 30) : n
  if (id == "session") return with(usd(number("in.cost.total_cost_usd")), " session")
  if (id == "session_usd") return usd(number("in.cost.total_cost_usd"))
  if (id == "today") return today_text()
  if (id == "today_usd") return usd(today)
  if (id == "budget") return budget_text()
  if (id ~ /^budget_/ && left == "") return ""
  if (id == "budget_name") return budget
  if (id == "budget_left") return colored(amount(left), used)
  if (id == "budget_spent") return amount(number("answer.budget.spent"))
  if (id == "budget_amount") return amount(number("answer.budget.limit"))
  if (id == "budget_used_percent") return ratio == "" ? "" : colored(percent(used), used)
  if (id == "budget_ends") return span(number("answer.budget.ends_in") - now + stamp)
  if (id == "age") return today == "" && left == "" ? "" : span(age) " ago"
  if (id == "user" || id == "team") return has_answer ? name_at("answer." id, 40) : ""
  n = number("in.context_window.used_percentage")
  if (id == "context") return colored(with(percent(n), " context"), n)
  if (id == "context_percent") return colored(percent(n), n)
  if (id == "context_tokens") return tokens(number("in.context_window.total_input_tokens"))
  if (id == "five_hour") return window("five_hour", "5h")
  if (id == "seven_day") return window("seven_day", "7d")
  if (id == "spend_limit") return window("spend_limit", "spend limit")
  if (id == "rate_limits") {
    n = joined(joined(window("five_hour", "5h"), window("seven_day", "7d")), window("spend_limit", "spend limit"))
    return n == "" ? "" : "client: " n
  }
  if (id ~ /_percent$/) return window_percent(substr(id, 1, length(id) - 8))
  if (id == "resets") return next_reset()
  if (id == "effort") return name_at("in.effort.level", 12)
  if (id == "repo") return name_at("in.workspace.repo.name", 40)
  if (id == "lines") return lines_text()
  if (id == "duration") return (n = number("in.cost.total_duration_ms")) == "" ? "" : span(n / 1000)
  if (id == "version") return name_at("in.version", 20)
  return name_at("in.session_name", 40)
}
