# Ledgerline's guard for Windows without Git Bash: guard.sh in PowerShell 5.1, with the same variables, the same cache and the same
# sentences. It has no background: an answer that is no longer fresh is asked for while the hook waits. docs/guard.md explains it.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
[Console]::InputEncoding = [Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false

$AwaySeconds = 10
# The client ends a hook after 15 seconds, and then work goes on, whatever the answer would have been.
$TimeoutSecondsMax = 12
$FreshSeconds = 15
$FreshSecondsMax = 300
$CacheFilesMax = 600
$AnswerForm = '^\{"(systemMessage|continue":false,"stopReason|decision":"block","reason)":"[^\x00-\x1f]*[^\\]"\}$'

function Get-Now { [long][Math]::Floor(([DateTime]::UtcNow - [DateTime]'1970-01-01').TotalSeconds) }
function Get-Number($Text, $Default) { if ($Text -match '^\d{1,9}$') { [long]$Text } else { $Default } }
function Test-Answer($Text) { $Text.Length -le 8192 -and ($Text -eq '{}' -or $Text -match $AnswerForm) }
function Test-Stop($Text) { $Text -match '^\{"(continue":false|decision":"block")' }
function Get-Minutes($Seconds) { if ($Seconds -lt 60) { "$Seconds s" } else { "$([Math]::Floor($Seconds / 60)) min" } }

# The hash of a text, as part of a file's name.
function Get-Digest($Text) {
  $bytes = [Security.Cryptography.SHA256]::Create().ComputeHash([Text.Encoding]::UTF8.GetBytes($Text))
  [BitConverter]::ToString($bytes, 0, 8).Replace('-', '')
}

# Creating the file decides which of two hooks shows it. Without a folder, only what begins a turn shows warnings.
function Test-Shown($Name) {
  if (-not $script:Folder) { return $script:EventName -notin 'UserPromptSubmit', 'SessionStart', 'PreModelSwitch' }
  try { [IO.File]::Open("$($script:Folder)\$($script:Session).shown-$Name", 'CreateNew').Close(); $false } catch { $true }
}

function Exit-With($Answer) {
  if ($Answer -eq '{}') { exit 0 }
  if (-not (Test-Stop $Answer) -and (Test-Shown (Get-Digest $Answer))) { exit 0 }
  [Console]::Out.Write("$Answer`n")
  if ($Answer.StartsWith('{"continue":false') -and $env:LEDGERLINE_RUN_DIR) { Add-Content "$($env:LEDGERLINE_RUN_DIR)\stopped" $Answer }
  exit 0
}

# The sentence in the form in which this event stops something. SessionStart cannot stop: it warns.
function Exit-Stopped($Sentence) {
  switch ($script:EventName) {
    { $_ -in 'PreCompact', 'PreModelSwitch' } { Exit-With "{`"decision`":`"block`",`"reason`":`"$Sentence`"}" }
    'SessionStart' { Exit-With "{`"systemMessage`":`"$Sentence`"}" }
    default { Exit-With "{`"continue`":false,`"stopReason`":`"$Sentence`"}" }
  }
}

# The kept answer of a file, with its age and how long it is fresh; nothing where there is none that can be read.
function Read-Answer($File) {
  try {
    if (-not $script:Folder -or -not [IO.File]::Exists($File)) { return }
    $head, $text = [IO.File]::ReadAllLines($File)
    $stamp, $fresh, $null = $head.Split(' ')
    $age = $script:now - [long]$stamp
    if ($age -ge 0 -and (Test-Answer $text)) { @{ Text = $text; Age = $age; Fresh = [long]$fresh } }
  } catch { $null = $_ }
}

# What a turn was answered last, where that is newer than what this event was: a stop holds for all of them, and for what has no answer of
# its own, the rest does, too. A cold cache is no matter of a turn.
function Find-Newest {
  if ($script:kind -in '', 'turn') { return }
  $turn = Read-Answer "$($script:Folder)\$($script:Session).turn"
  if (-not $turn) { return }
  $isNewer = $turn.Age -lt $script:Age -and ($script:kind -eq 'PreCompact' -or (Test-Stop $turn.Text))
  if (-not $script:Answer -or $isNewer) {
    $script:Answer = $turn.Text
    $script:Age = $turn.Age
  }
}

# There is no new answer: the last one holds for a time, then the configuration decides.
function Exit-Fallback($Why) {
  Find-Newest
  $contact = 'whoever runs Ledgerline in your organization'
  if ($env:LEDGERLINE_GUARD_CONTACT -and $env:LEDGERLINE_GUARD_CONTACT -notmatch '["\\\x00-\x1f]') { $contact = $env:LEDGERLINE_GUARD_CONTACT }
  $holds = $script:Answer -and $script:Age -lt (Get-Number $env:LEDGERLINE_GUARD_OFFLINE_SECONDS 3600)
  if ($holds -and (Test-Stop $script:Answer)) {
    $sentence = $script:Answer.Substring(0, $script:Answer.Length - 2) -replace '^.*?eason":"', ''
    Exit-Stopped "$sentence (Answer of $(Get-Minutes $script:Age) ago: $Why.)"
  }
  if (-not $holds -and $env:LEDGERLINE_GUARD_ON_FAILURE -eq 'closed') {
    $last = if ($script:Answer) { "its last answer is $(Get-Minutes $script:Age) old" } else { 'there is no earlier answer for this session' }
    Exit-Stopped "Ledgerline's guard cannot check your budgets: $Why, and $last. Work stops until it can. Ask $contact, or try again in a minute."
  }
  if ($Why -match 'refuses the token' -and -not (Test-Shown 'token')) {
    [Console]::Out.Write("{`"systemMessage`":`"Ledgerline's guard is not in force: $Why. Ask $contact for a new one.`"}`n")
    exit 0
  }
  if ($holds) { Exit-With $script:Answer }
  exit 0
}

$Session = $EventName = $Answer = $Folder = $kind = ''
$Age = 0
try {
  # First, so that the client can write all of it. The parser finds the keys of the object itself, and no others.
  $given = [Console]::In.ReadToEnd() | ConvertFrom-Json
  if ($given.hook_event_name -is [string] -and $given.hook_event_name -cmatch '^[A-Za-z]{1,64}$') { $EventName = $given.hook_event_name }
  if ($given.session_id -is [string] -and $given.session_id -cmatch '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$') { $Session = $given.session_id }
} catch { $given = $null }
if (-not $EventName) { Exit-Fallback 'its input cannot be read' }

$query = ''
switch ($EventName) {
  { $_ -in 'UserPromptSubmit', 'PreToolUse', 'PostToolUse', 'PostToolBatch' } { $kind = 'turn' }
  'PreCompact' { $kind = $EventName }
  { $_ -in 'SessionStart', 'PreModelSwitch' } {
    $kind = "$EventName--"
    if ($null -ne $given.estimated_cache_write_usd) {
      $estimate = ([double]$given.estimated_cache_write_usd).ToString('R', [Globalization.CultureInfo]::InvariantCulture)
      $kind = "$EventName-$estimate"
      $query = "&estimate_usd=$estimate"
    }
  }
  default { exit 0 }
}
if (-not $Session) { Exit-Fallback 'its input cannot be read' }

foreach ($base in $env:LEDGERLINE_CACHE_DIR, "$env:LOCALAPPDATA\ledgerline", "$env:TEMP\ledgerline") {
  try {
    if (-not $base -or $base.StartsWith('\')) { continue }
    $Folder = (New-Item -ItemType Directory -Force "$base\guard").FullName
    break
  } catch { $Folder = '' }
}
$now = Get-Now
$fresh = 0
$file = "$Folder\$Session.$kind"
$away = "$Folder\away"
$kept = Read-Answer $file
if ($kept) {
  $Answer = $kept.Text
  $Age = $kept.Age
  $fresh = $kept.Fresh
}
if ($Answer -and $Age -lt $fresh) { Exit-With $Answer }

try {
  if ($Folder -and [IO.File]::Exists($away)) {
    $since, $why = [IO.File]::ReadAllText($away).Trim().Split(' ', 2)
    if ($now - [long]$since -lt $AwaySeconds -and $now -ge [long]$since) { $known = $why }
  }
} catch { $known = $null }
if ($known) { Exit-Fallback $known }

$url = "$env:LEDGERLINE_URL".TrimEnd('/')
$place = $url -replace '//[^/]*@', '//'
$token = $env:LEDGERLINE_TOKEN
if (-not $token -and $env:LEDGERLINE_TOKEN_FILE) { try { $token = ([IO.File]::ReadAllText($env:LEDGERLINE_TOKEN_FILE)).Trim() } catch { $token = '' } }
$why = ''
if (-not $url) { $why = 'LEDGERLINE_URL is not set' }
elseif ($url -notmatch '^https?://') { $why = 'LEDGERLINE_URL does not begin with https://' }
elseif ($url -match '["\\\s]') { $why = 'LEDGERLINE_URL has a character that an address cannot have' }
elseif ($token -match '[^!-~]|["\\]') { $why = 'LEDGERLINE_TOKEN has a character that a token cannot have' }
else {
  try {
    [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
    $headers = @{}
    if ($token) { $headers.Authorization = "Bearer $token" }
    $timeout = Get-Number $env:LEDGERLINE_GUARD_TIMEOUT_SECONDS 2
    # Nothing is no limit, and the client would end the hook.
    if ($timeout -lt 1) { $timeout = 2 }
    $timeout = [Math]::Min($timeout, $TimeoutSecondsMax)
    $request = "$url/api/v1/me/guard?session=$Session&event=$EventName&format=hook$query"
    $response = Invoke-WebRequest -UseBasicParsing -MaximumRedirection 0 -TimeoutSec $timeout -Headers $headers -Uri $request
    $text = "$($response.Content)".Trim()
    if ($response.StatusCode -eq 200 -and (Test-Answer $text)) {
      $Answer = $text
      $Age = 0
      if ("$($response.Headers['Cache-Control'])" -match 'max-age=(\d{1,6})') { $FreshSeconds = [Math]::Min([long]$Matches[1], $FreshSecondsMax) }
    } else { $why = "what answers at $place is not a Ledgerline collector that knows the guard" }
  } catch {
    $code = 0
    if ($_.Exception.PSObject.Properties['Response'] -and $_.Exception.Response) { $code = [int]$_.Exception.Response.StatusCode }
    $why = switch ($code) {
      0 { "the collector at $place does not answer" }
      { $_ -in 401, 403 } { "the collector at $place refuses the token (HTTP $code)" }
      default { "the collector at $place answers with HTTP $code" }
    }
  }
}
try {
  if ($Folder -and $why) { [IO.File]::WriteAllText($away, "$now $why`n") }
  elseif ($Folder) {
    $kept = Get-ChildItem -File $Folder
    $kept | Where-Object { $kept.Count -gt $CacheFilesMax -or $_.LastWriteTimeUtc -lt [DateTime]::UtcNow.AddDays(-2) } | Remove-Item -Force
    [IO.File]::WriteAllText($file, "$now $FreshSeconds -`n$Answer`n")
    if ([IO.File]::Exists($away)) { Remove-Item -Force $away }
  }
} catch { $null = $_ }
if ($why) { Exit-Fallback $why }
Exit-With $Answer
