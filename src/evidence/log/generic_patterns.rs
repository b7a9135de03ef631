//! Error texts that no particular client writes: a cause, a failed connection or a timeout in the usual
//! words. They apply to a line that no row of [`super::error_patterns`] matches.
//!
//! Owns the check of an unspecific text: whether the line reports a failure at all, and the phase in which
//! it occurred. Must not contain the text of a particular client.

use super::error_row::{Row, row};
use super::hosts::hosts_in;
use crate::evidence::Symptom;
use crate::evidence::patterns::LazyPattern;

/// Causes.
pub(super) const CAUSES: &[Row] = &[
    // Responses of a server about the identity of the application.
    row(
        Symptom::Credentials,
        r"(?i)(?:incorrect|invalid|wrong|bad) (?:user ?name|client secret|secret|login|password or|user name or)|login (?:is )?incorrect|(?:password|secret) (?:is |was |supplied is |provided is )?(?:incorrect|wrong|invalid|not correct)|\b(?:user|login|logon|bind) .{0,60}\bwrong password",
    ),
    row(
        Symptom::AccessDenied,
        r"(?i)\bNOPERM\b|has no permissions? to|insufficient (?:privileges?|permissions?|rights)",
    ),
    // Error numbers of Linux and Windows, as ODBC, .NET and programs in C write them, and causes in a field.
    row(
        Symptom::DnsFailure,
        r"(?i)(?:error|errno|code)[ :=#(\[]{1,3}(?:0x2AF9|11001|0x2AFC|11004)\b|\b(?:cause|reason|error|err)[=:]\s?[\x22':(]{0,2}(?:nxdomain|servfail|unresolved|name[ _]not[ _](?:found|resolved))|SocketException[^:]{0,20}: Resource temporarily unavailable",
    ),
    row(
        Symptom::Refused,
        r"(?i)(?:error|errno|code)[ :=#(\[]{1,3}(?:0x274D|10061)\b|(?:errno|socket error|tcp error)[ :=#(\[]{1,3}-?(?:111|0x6F)\b|\b(?:cause|reason|error|err)[=:]\s?[\x22':(]{0,2}refused(?:[^ a-z]|$| [a-z_]+=| \()",
    ),
    row(
        Symptom::Unreachable,
        r"(?i)(?:error|errno|code)[ :=#(\[]{1,3}(?:0x2743|10051|0x2751|10065)\b|(?:errno|socket error|tcp error)[ :=#(\[]{1,3}-?(?:113|101|0x71|0x65)\b|\b(?:cause|reason|error|err)[=:]\s?[\x22':(]{0,2}(?:no[ _-]?route|unreachable(?:[^ a-z]|$| [a-z_]+=| \())|(?:port|destination) ?unreachable",
    ),
    row(
        Symptom::ConnectTimeout,
        r"(?i)(?:error|errno|code)[ :=#(\[]{1,3}(?:0x274C|10060)\b|(?:errno|socket error|tcp error)[ :=#(\[]{1,3}-?(?:110|0x6E)\b",
    ),
    row(
        Symptom::Reset,
        r"(?i)(?:error|errno|code)[ :=#(\[]{1,3}(?:0x2746|10054)\b|(?:errno|socket error|tcp error)[ :=#(\[]{1,3}-?(?:104|0x68)\b|\b(?:cause|reason|error|err)[=:]\s?[\x22':(]{0,2}(?:reset|broken[ _]pipe)\b|(?:failure|failed|error) (?:when |while |in )?(?:receiving|sending) (?:network )?data|(?:recv|send) error",
    ),
    // TLS.
    row(
        Symptom::Tls,
        r"(?i)\b(?:ssl|tls)(?:/tls)? (?:[a-z]+ ){0,3}(?:error|failed|failure|alert|rejected)(?:[^ a-z]|$| (?:while|when|during|on|with|to|for|from|in|at|by|occurred|code|number|because|due|after|received|[0-9(\[]))",
    ),
    // Name resolution.
    row(
        Symptom::DnsFailure,
        r"(?i)non-?exist(?:ing|ent) (?:domain|host|name)|\b(?:bad|unknown|wrong) host ?name\b|unresolvable|unresolved (?:host|name|domain|address)(?:[^ a-z]|$| [\x22'`]?[a-z0-9_-]+[.:\x22'`])|(?:domain|host ?name|host|server name)\b.{0,100} (?:could not|cannot|can't|couldn't) be (?:resolved|looked up)|(?:domain|host ?name|host|server(?: name)?) [\x22'`]?[a-z0-9_-]+[.:\x22'`].{0,200}(?:could not|cannot|can't|couldn't) be found|(?:could not|cannot|can't|couldn't|unable to|failed to) (?:find|look ?up|locate) (?:the )?(?:IP )?(?:address (?:of|for)|host ?name|domain name|DNS|host [\x22'`]?[a-z0-9-]{1,63}\.)|no (?:AAAA|SRV|DNS) records?\b|no A(?: or AAAA)? records? ?(?:[^ a-z]|$|(?:found|returned|available|for|of|exists?|in)\b)|no (?:IP )?address(?:es)? (?:found |returned |available )?(?:associated|for (?:(?:host|name|host ?name|domain|server) |[\x22'`]?[a-z0-9_-]+[.:\x22'`]))|resolved to (?:0|no|zero|an empty)\b|produced zero addresses|(?:Name|Host|Dns)(?:Resolution|Lookup)(?:Fail|Err|Exc)|(?:dns|name|host ?name|host|address) (?:resolution|lookup|resolving)(?: (?:of|for) [^ ]{1,255})? (?:has |was )?(?:failed|failure|unsuccessful)|(?:resolving|resolution of|lookup of) [^ ]{1,255} (?:has |was )?(?:failed|unsuccessful)|unknown (?:server )?host(?:name)?(?:[^ a-z]|$| (?:error|exception|[\x22'`(<\[]|[a-z0-9_.-]+(?:[^a-z0-9_. :-]|$|:[0-9])|[a-z0-9_-]+\.))",
    ),
    // The connection was not established in time.
    row(
        Symptom::ConnectTimeout,
        r"(?i)not (?:be )?(?:established|opened|reached|connected)(?: within| in| after)? [0-9.]+ ?(?:m?s|sec|min)|SYN_SENT|no SYN[-/ ]?ACK|(?:connect|connecting|dial|dialing|connection attempt) (?:to |with )?.{0,120}\b(?:timed[ -]out|took too long|exceeded (?:the )?(?:time|deadline))|timed[ -]out (?:on|in|during|at) connect|gave up connecting",
    ),
    row(
        Symptom::ReadTimeout,
        r"(?i)(?:waiting|waited).{0,40}\bfor (?:a |an |the )?(?:response|reply|answer|data|result|acknowledg)[a-z]*\b.{0,80}(?:timed[ -]out|timeout|too long|expired)|(?:timed[ -]out|timeout|gave up).{0,60}\bwaiting for (?:a |an |the )?(?:response|reply|answer|data|result|acknowledg)|(?:response|reply|answer) (?:was )?not received (?:with)?in",
    ),
];

/// Failures without a cause.
pub(super) const UNSPECIFIC: &[Row] = &[
    row(
        Symptom::Timeout,
        r"(?i)(?:traces?|metrics?|logs?|spans?|exporter)\b.{0,160}context cancel+ed|ERR_SOCKET_TIMEOUT|error: (?:socket |connect |request )?time-?out\.?$|deadline[_ ]exceeded(?:[^ a-z]|$| (?:while|when|after|during|waiting|on|in|at|\(|with|before))|\b(?:StatusCode|code)(?: ?= ?|\.)[\x22]?DeadlineExceeded|\bETIMEOUT\b|connack timeout|TransportError\) timeout|listener timeout after|NoServerAvailable|operation_timedout|Timeout::Error|reason: :timeout|\b421 timeout|TimeoutError|TimeoutException|\btimed ?-?out\b|RequestTimeout|request timeout|timeout was reached|TimedOut|aborted due to timeout|timeout exceeded|exceeded .{0,20}timeout|ServerSelection(?:Timeout(?:Error|Exception|\b)|Error)|timeout after [0-9]|ERR_TIMED_OUT|the operation was canceled.{0,40}timeout|timeout error|timeout reached|network timeout|ECONNABORTED|timeout: ",
    ),
    row(
        Symptom::ConnectFailed,
        r"(?i)EndpointConnectionError|max retries exceeded with url|ClusterAllFailed|failed to refresh slots|status\[[^\]]{1,200}\]: connecting -> (?:close|end)|failed to fetch (?:https?:|jwks|jwk|keys|openid|oidc)|fail to fetch data from the url|IDX2080[34]|(?:cannot obtain|couldn't retrieve remote|unable to (?:obtain|fetch|retrieve)) (?:jwks?|configuration|document|key)|could not connect(?:[^ a-z0-9]|$| (?:to|with|via|after|within|on|at|from|in|for|because|due|using|while|during|over|through|and|or|but)\b| [a-z_]+=)|could not be established|inaccessible host|network-related or instance-specific|request to [^ ]+ failed|UnableToConnect|run out of available brokers|max retries per request limit|connection error|APIConnectionError|(?:can't|cannot) connect(?:[^ a-z0-9]|$| (?:to|with|via|after|within|on|at|from|in|for|because|due|using|while|during|over|through|and|or|but)\b| [a-z_]+=)|can't reach(?:[^ a-z0-9]|$| (?:(?:the|our|your|an?|any|its|this) )?(?:[a-z-]+ ){0,2}(?:servers?|hosts?|services?|endpoints?|brokers?|nodes?|apis?|databases?|db|backend|upstream|cluster|network|internet|registry|gateway|proxy|redis|kafka|peer|remote|url|site|destination|target|instance|provider|daemon|agent)\b| [\x22'`]?[a-z0-9_-]+[.:/\x22'`]| [a-z0-9_-]+$)|fetch failed|failed to establish|ConnectionError|(?:unable to|couldn't) connect(?:[^ a-z0-9]|$| (?:to|with|via|after|within|on|at|from|in|for|because|due|using|while|during|over|through|and|or|but)\b| [a-z_]+=)|unable to reach(?:[^ a-z0-9]|$| (?:(?:the|our|your|an?|any|its|this) )?(?:[a-z-]+ ){0,2}(?:servers?|hosts?|services?|endpoints?|brokers?|nodes?|apis?|databases?|db|backend|upstream|cluster|network|internet|registry|gateway|proxy|redis|kafka|peer|remote|url|site|destination|target|instance|provider|daemon|agent)\b| [\x22'`]?[a-z0-9_-]+[.:/\x22'`]| [a-z0-9_-]+$)|(?:failed|failure) (?:to )?(?:connect(?:ing|ion|[^ a-z0-9]|$| (?:to|with|via|after|within|on|at|from|in|for|because|due|using|while|during|over|through|and|or|but)\b| [a-z_]+=)|open TCP|create connection|obtain JDBC)|connect failed|NetworkingError|NetworkError|network error|trying to connect|DispatchFailure|ClientConnectorError|ConnectException|connection failed|connection to .{0,120}failed|ConnectError|connection attempt (?:to .{0,80} )?failed|NetworkFailure|unable to execute HTTP request|sending request for url|CommunicationsException|communications link failure|ServiceUnavailable.{0,40}connect|ConnectionException|failed to (?:send request|dial)|(?:failed to|could not) reach(?:[^ a-z0-9]|$| (?:(?:the|our|your|an?|any|its|this) )?(?:[a-z-]+ ){0,2}(?:servers?|hosts?|services?|endpoints?|brokers?|nodes?|apis?|databases?|db|backend|upstream|cluster|network|internet|registry|gateway|proxy|redis|kafka|peer|remote|url|site|destination|target|instance|provider|daemon|agent)\b| [\x22'`]?[a-z0-9_-]+[.:/\x22'`]| [a-z0-9_-]+$)|not reachable|Error opening socket|cannot open connection|No connection could be made|OperationalError.{0,80}connect|connection could not be|could not (?:establish|open) (?:a |the )?(?:TCP )?connection|can't contact|UNAVAILABLE: io exception|(?:failed to export|transient error) .{0,160}StatusCode\.UNAVAILABLE|transient error StatusCode\.UNAVAILABLE|no servers? available|brokers are down|broker transport failure|[{_]connection_failure[},]|reset reason: (?:remote |local )?connection failure|no[_ ]healthy[_ ]upstream|LDAP server is unavailable|could not perform discovery|no routing server|unable to retrieve routing|unable to acquire JDBC|could not obtain connection|cannot retrieve initial cluster|NoBrokersAvailable|client is offline|no endpoints? available|failed to load external entity \x22https?:|couldnt_connect|failed to send, dropping| - no response$",
    ),
    row(
        Symptom::ConnectFailed,
        r"(?i)none of the (?:configured|specified|provided|given|known) (?:nodes|endpoints|hosts|servers|brokers|addresses)|no (?:known|available|reachable|live|alive|usable|healthy|active|suitable) (?:[a-z]+ ){0,2}(?:servers?|nodes?|brokers?|hosts?|endpoints?|peers?|contact points?|seeds?)\b|all (?:[a-z]+ ){0,2}(?:servers|nodes|brokers|hosts|endpoints|contact points|addresses|connection attempts) (?:are |have |were )?(?:been )?(?:failed|unreachable|unavailable|exhausted)|(?-i:Connect(?:ion)?(?:Fail|Broken|Unavailable)|(?:Failed|Cannot|Unable|CouldNot)(?:To)?(?:Open|Connect|Establish|Reach|Dial)(?:[A-Z]|\b))|tried (?:with )?all (?:the )?(?:available )?(?:servers|hosts|nodes|brokers|addresses)",
    ),
    row(
        Symptom::ConnectFailed,
        r"(?i)\bconnect(?:ing)? to .{1,120} failed\b|\bfetching https?://[^ ]{1,200}: (?:temporary|network) error",
    ),
    row(
        Symptom::Timeout,
        r"(?i)(?:error|err|reason|cause|exception|message|failed|failure)[\x22']?\s?[:=(]+\s?[\x22':]?(?:a |the )?(?:[a-z]+ )?time-?out\b",
    ),
];

/// Failures in so general words that they apply only to a line with the host of a server.
pub(super) const NEAR_HOST: &[Row] = &[
    row(Symptom::Unreachable, r"(?i)\b(?:is |are |was )?unreachable\b"),
    row(
        Symptom::ConnectFailed,
        r"(?i)\b(?:node|host|server|endpoint|broker|upstream|backend|peer|replica|address)s?\b.{0,120}\bfailed (?:for )?(?:[0-9]+ times?|repeatedly|again)\b",
    ),
    row(
        Symptom::Refused,
        r"(?i)\brefus(?:ed|es|ing)\b.{0,40}\bconnections?\b|\bconnections?\b.{0,80}\b(?:refused|rejected)\b",
    ),
    row(
        Symptom::Timeout,
        r"(?i)(?:not|n't) (?:respond|answer|reply)|no (?:reply|answer|response) (?:from|by|of)|unresponsive|time-?outs? (?:while|when|during|waiting|contacting|connecting|talking|calling|from|to|at|for|on)\b|took too long",
    ),
    row(
        Symptom::Tls,
        r"(?i)\b(?:certificate|cert) (?:[a-z]+ ){0,4}(?:expired|invalid|untrusted|not trusted|mismatch|failed|rejected|revoked)\b",
    ),
    row(
        Symptom::Reset,
        r"(?i)(?:connection|socket|channel) .{0,80}\b(?:dropped|lost|broken|aborted)\b|\bsocket (?:is |was )?closed\b|(?:lost|dropped|broken) (?:the |our |its )?(?:connection|link|socket)|disconnected from",
    ),
    row(
        Symptom::ConnectFailed,
        r"(?i)(?:failed|failure|failing|unable|cannot|can't|could not|couldn't|impossible|giving up|gave up|problem|trouble) .{0,80}\b(?:connect|connecting|connections?|dial|dialing|reach|reaching|contact|contacting|communicate|communicating|communication|sockets?|handshake|(?:tcp|network|remote) session)\b",
    ),
    row(
        Symptom::ConnectFailed,
        r"(?i)\berror (?:while |when |during )?(?:connecting|dialing|reaching|contacting|communicating)|\b(?:connect(?:ing|ion|ions)?|dial(?:ing)?|reaching|contacting|communication|handshake)\b.{0,80}\b(?:failed|failure|unsuccessful|not possible|impossible)\b|(?:server|broker|node|host|peer|endpoint|upstream|backend|database|cluster|replica) .{0,80}\b(?:is|are|seems|appears|went|marked)(?: as| to be)? (?:down|offline|unavailable|unreachable|inaccessible|not available|not reachable|dead)\b|[a-z0-9_-]\.[a-z0-9.-]{1,250}:[0-9]{2,5} is (?:down|offline|dead)\b",
    ),
];

/// Work that is not a network call, in a line with general words.
static OTHER_WORK: LazyPattern = LazyPattern::new(
    r"(?i)(?:jobs?|tasks?|locks?|mutex|semaphore|tests?|scripts?|subprocess|builds?|selector|locator|element|transaction|workflow|activity|playbook|hooks?|future|promise|parse|parsing|validat[a-z]*|schema|template|assert[a-z]*|wallet|animation)(?-u:\b)",
);

/// Words of network calls, and names of errors. A text without them reports a timeout of other work.
static NETWORK_CALL: LazyPattern = LazyPattern::new(
    r"(?i)(?-u:\b)(?:re)?(?:connect|socket|host|server|service|request|respon|network|https?|url|api|fetch|upstream|downstream|endpoint|broker|redis|[a-z]*sql|mongo|smtp|grpc|rpc|tcp|udp|dns|remote|read|write|recv|send|kafka|amqp|aws|call|client|operation|query|command|gateway|proxy|curl|poll|download|upload|exporter|driver|cluster|node|i/o|net|tls|ssl|dial|ldap|ssh|s?ftp|peer|transport|channel|stream|transaction|lookup|resolv|handshake|webhook|database|db|cache|deadline|context)|(?:Error|Exception|Throwable|Timeout|TimedOut|Err)(?-u:\b)|errno|e?err(?:or)?[\x22']?[:=]|::",
);

/// Words of persons: a text about waiting for the answer of a person is not about a server.
static PERSON: LazyPattern = LazyPattern::new(
    r"(?i)\b(?:(?:of|from|by|for) (?:(?:the|an?) )?(?:user|customer|reviewer|approver|operator|support|team|colleague|employee|student|visitor)|(?:user|customer|visitor) (?:gave up|has|did))\b",
);

/// The level of a plain line, if it reports no failure.
static LOW_LEVEL: LazyPattern = LazyPattern::new(
    r"^.{0,60}?(?:(?-u:\b)(?:INFO|DEBUG|TRACE|NOTICE)(?-u:\b)|\[(?:info|debug|trace|notice)\]|level=(?:info|debug|trace)(?-u:\b))|^(?:info|debug|trace|dbug): ",
);

/// The status of an HTTP response.
static STATUS: LazyPattern = LazyPattern::new(
    r#"(?i)\b(?:status(?:[ _-]?code)?|http error)["':= (]+(?:of |was |is )?(?:4(?:0[0-689]|[1-9][0-9])|50[0-9]|2[0-9]{2})\b"#,
);

/// A timeout as the last word of an explanation.
static FINAL_TIMEOUT: LazyPattern = LazyPattern::new(
    r#"(?i)(?:[:=(\[>-]\s?["':]?|\b(?:due to|because of|reason|by|with|got|error|after|on) ["':]?)(?:a |an |the )?(?:connect(?:ion)? )?time-?out(?:$|[^a-z0-9 ]| [^o0-9])"#,
);

/// What makes a timeout in a line with a low level a failure.
const EVIDENCE: &[&str] = &[
    "timed out",
    "timedout",
    "error",
    "exception",
    "fail",
    "unable",
    "cannot",
    "can't",
    "could not",
    "couldn't",
    "exceeded",
    "expired",
    "deadline",
    "after ",
    "giving up",
    "gave up",
    "retrying",
    "will retry",
    "retry in",
    "refused",
    "lost",
    "broken",
    "i/o",
    "etimedout",
    "unreachable",
    "reached",
];

/// Words of a client that has no connection yet.
const CONNECTING: &[&str] = &[
    "connecting",
    "to connect",
    "connect to",
    "connect(",
    "connect:",
    "tcp connect",
    "dial",
    "opening",
    "to open",
    "establish",
    "connection attempt",
    "reaching",
    "to reach",
    "contacting",
    "to contact",
    "create_connection",
];

/// Maximum distance between a timeout and the attempt after it: `timed out while trying to connect to`.
const DIRECTLY: usize = 32;

/// Words of a client that has a connection.
const CONNECTED: &[&str] = &[
    "read",
    "respon",
    "repl",
    "receiv",
    "recv",
    "request",
    "query",
    "command",
    "header",
    "body",
    "operation",
    "handshake",
    "pool",
    "acquir",
    "idle",
    "selection",
    "execution",
];

/// Words of network calls. The name of an error alone does not show what timed out.
static CALL: LazyPattern = LazyPattern::new(
    r"(?i)(?-u:\b)(?:connect|socket|host|server|request|respon|network|https?|url|api|fetch|upstream|broker|redis|[a-z]*sql|mongo|smtp|grpc|rpc|tcp|dns|remote|read|write|kafka|amqp|aws)",
);

/// Whether a line reports a timeout of work that is not a network call.
fn is_other_work(line: &str) -> bool {
    if !NETWORK_CALL.is_match(line) {
        return true;
    }
    OTHER_WORK.is_match(line) && !CALL.is_match(line)
}

/// Whether a lower-case line reports a timeout of an attempt to connect: the attempt is before the timeout, or
/// directly after it.
fn is_while_connecting(lower: &str) -> bool {
    let timeout = ["timed out", "timeout", "time-out", "time out", "timedout", "deadline"];
    let Some(timeout) = timeout.iter().filter_map(|word| lower.rfind(word)).max() else { return false };
    let attempts = CONNECTING.iter().filter_map(|word| lower.find(word));
    attempts.min().is_some_and(|attempt| attempt < timeout + DIRECTLY)
        && !CONNECTED.iter().any(|word| lower.contains(word))
}

/// The symptom of a line whose text matches the row of a symptom, or `None` if the line reports no failure.
pub(super) fn confirmed(symptom: Symptom, needs_host: bool, line: &str) -> Option<Symptom> {
    let is_timeout = matches!(symptom, Symptom::Timeout | Symptom::ConnectTimeout | Symptom::ReadTimeout);
    if !needs_host && !is_timeout && symptom != Symptom::ConnectFailed {
        return Some(symptom);
    }
    let lower = line.to_ascii_lowercase();
    let contains = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let is_low = LOW_LEVEL.is_match(line);
    if is_low && (needs_host || !contains(EVIDENCE)) {
        return None;
    }
    let is_unspecific = matches!(symptom, Symptom::Timeout | Symptom::ConnectFailed);
    // The server sent a response.
    if is_unspecific && STATUS.is_match(line) && !lower.contains("upstream") {
        return None;
    }
    if needs_host && (OTHER_WORK.is_match(line) || hosts_in(line).is_empty()) {
        return None;
    }
    if symptom == Symptom::ReadTimeout && PERSON.is_match(line) && hosts_in(line).is_empty() {
        return None;
    }
    if symptom == Symptom::Timeout && is_other_work(line) {
        return None;
    }
    Some(match symptom {
        Symptom::Timeout if is_while_connecting(&lower) => Symptom::ConnectTimeout,
        Symptom::ConnectFailed if FINAL_TIMEOUT.is_match(line) => Symptom::ConnectTimeout,
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_single_pattern_compiles() {
        for pattern in [&PERSON, &OTHER_WORK, &NETWORK_CALL, &LOW_LEVEL, &STATUS, &FINAL_TIMEOUT, &CALL] {
            pattern.assert_valid();
        }
    }
}
