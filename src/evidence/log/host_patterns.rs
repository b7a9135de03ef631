//! The forms in which clients write the host that they connect to.
//!
//! Add the form of a new driver to [`FORMS`]. Groups: `host`, `port`, `ip` (an address of the host), `list`
//! (several addresses), `scheme` (implies the port).

use std::sync::LazyLock;

use regex::Regex;

use crate::evidence::built_in::valid;
use crate::evidence::patterns::{LazyPattern, Patterns};

/// [`HOST`] as a literal, for patterns that are constants.
macro_rules! host {
    () => {
        r"(?P<host>(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\.)+[A-Za-z0-9-]*[A-Za-z][A-Za-z0-9-]*|[0-9]{1,3}(?:\.[0-9]{1,3}){3}|localhost)"
    };
}

/// `{HOST}`: a name with a dot, or an IPv4 address.
const HOST: &str = host!();
/// `{ANY}`: as `{HOST}`, or an IPv6 address, or a name of one label.
const ANY: &str = r"(?P<host>\[?[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}\]?|[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)";
/// `{AT}`: as `{ANY}`, followed by a port. An IPv6 address can be without brackets.
const AT: &str = r"\[?(?P<host>[0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9A-Fa-f]*|[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)\]?:(?P<port>[0-9]{1,5})";
/// `{ANYIP}`: an IP address that the client writes next to the name.
const ANY_IP: &str = r"(?P<ip>[0-9A-Fa-f.:]+)";
/// `{Q}`: a quote, escaped or not.
const QUOTE: &str = r#"\\?["'`]"#;

/// The forms in which clients write the proxy that they use.
const PROXY_FORMS: &[&str] = &[
    r"proxy=https?://{ANY}(?::(?P<port>[0-9]{1,5}))",
    r"proxy URL: \\?[\x22']?(?:(?P<scheme>https?)://)?(?:[^\s@/]*@)?{ANY}(?::(?P<port>[0-9]{1,5}))?",
    r"proxy tunnel request to proxy '(?P<scheme>https?)://{ANY}(?::(?P<port>[0-9]{1,5}))?",
    r"proxyconnect tcp: dial tcp:? (?:lookup )?{HOST}(?::(?P<port>[0-9]{1,5}))?",
    r"(?i)(?:connect to|reach|via|through) (?:the |HTTP |https? )?proxy (?:server )?(?:at )?[\x22']?(?:https?://)?{ANY}(?::(?P<port>[0-9]{1,5}))",
    r"(?i)could not resolve proxy(?: name)?: {ANY}",
    // The error of urllib3 that a ProxyError contains.
    r"ProxyError\(.{1,200}Connection to {ANY} timed out",
    r#"ProxyError\(.{1,200}Connection\(host=['"]{ANY}['"], port=(?P<port>[0-9]{1,5})"#,
    r"ProxyError\(.{1,300}Failed to resolve '{ANY}'",
];

/// The forms in which clients write the host of a connection, the most certain form first.
const FORMS: &[&str] = &[
    // The destination that a proxy connects to.
    r"(?:CONNECT|tunnel to) {AT}",
    // Python.
    r"host={AT} <[a-z_ ]+> \[IPv[46] \('(?P<ip>[0-9A-Fa-f.:]+)'",
    r"(?:timed out|failed|refused): '{ANY}'/\(<AddressFamily[^()]{1,100}\('(?P<ip>[0-9A-Fa-f.:]+)', (?P<port>[0-9]{1,5})",
    r"host={ANY}/(?P<ip>[0-9A-Fa-f.:]+) port=(?P<port>[0-9]{1,5})",
    r"raddr=\('{ANY}', (?P<port>[0-9]{1,5})",
    r"\('(?P<host>[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})', (?P<port>[0-9]{1,5})(?:, [0-9]+, [0-9]+)?\)",
    r#"host=['"]{ANY}['"], port=(?P<port>[0-9]{1,5})"#,
    r"(?i)connection to {ANY} timed out",
    r"Cannot connect to host {AT}",
    r"connect_tcp\.started host='{ANY}' port=(?P<port>[0-9]{1,5})",
    r"Failed to resolve '{ANY}'",
    r#"connection to server at "{ANY}"(?: \((?P<ip>[0-9A-Fa-f.:]+)\))?, port (?P<port>[0-9]{1,5})"#,
    r#"could not translate host name "{ANY}""#,
    r"could not connect to server: .{0,120}host {Q}{ANY}{Q}(?: \((?P<ip>[0-9A-Fa-f.:]+)\))?.{0,60}port (?P<port>[0-9]{1,5})",
    r"Is the server running on host {Q}{ANY}{Q}(?: \((?P<ip>[0-9A-Fa-f.:]+)\))?.{0,80}port (?P<port>[0-9]{1,5})",
    r"Is the server running (?:locally )?on (?:that )?host {Q}{ANY}{Q}(?: \((?P<ip>[0-9A-Fa-f.:]+)\))?",
    r"Error [-0-9]+ (?:while )?connecting to {ANY}:(?P<port>[0-9]{1,5})",
    r"Connect call failed \('{ANY}', (?P<port>[0-9]{1,5})",
    r"Can't connect to MySQL server on '{ANY}(?::(?P<port>[0-9]{1,5}))?'",
    r"Unknown MySQL server host '{ANY}'",
    // Java.
    r"Connect to (?:https?://)?{ANY}:(?P<port>[0-9]{1,5}) \[(?P<list>[^\]]*)\]",
    r"(?i)failed to connect to (?:https?://)?/?{ANY}/(?P<ip>[0-9A-Fa-f.:]+) \(port (?P<port>[0-9]{1,5})\)",
    r"(?i)failed to connect to (?:https?://)?/?{ANY} \(port (?P<port>[0-9]{1,5})\)",
    r"(?i)(?:timed out|refused|reset|unreachable|route to host|after [0-9]+ ?ms|connect to|resolve)[:,]? (?:no further information: )?{ANY}/(?:<unresolved>|\[?(?P<ip>[0-9A-Fa-f.:]+)\]?):(?P<port>[0-9]{1,5})",
    r"{HOST}/(?P<ip>[0-9]{1,3}(?:\.[0-9]{1,3}){3}):(?P<port>[0-9]{1,5})",
    r"{HOST}/\[?(?P<ip>[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})\]?:(?P<port>[0-9]{1,5})",
    // apt.
    r"[Cc]ould not connect to {HOST}:(?P<port>[0-9]{1,5}) \((?P<ip>[0-9A-Fa-f.:]+)\)",
    r"(?:resolve|resolving) host [\x22'`]{ANY}",
    r"UnknownHostException: (?:Failed to resolve '?)?{ANY}(?:[\x22':;,)\]]|$| \()",
    r"Connection to {ANY}:(?P<port>[0-9]{1,5}) (?:refused|failed)",
    r"The connection attempt (?:to {ANY}:(?P<port>[0-9]{1,5}) )?failed",
    // JavaScript.
    r"(?:getaddrinfo|query[A-Z]*) (?:ENOTFOUND|EAI_[A-Z]+|ETIMEOUT|ESERVFAIL|ENODATA|ECONNREFUSED) {ANY}(?::(?P<port>[0-9]{1,5}))?",
    r"connect (?:E[A-Z]+) {AT}",
    r"resolved (?:host ?name |host )?{HOST} to (?:IP |address )?{ANYIP}",
    r"Inaccessible host: [`'\x22]{ANY}",
    r"UnableToConnect on {AT}",
    r"(?i)(?:reading from|writing to|read from|wrote to) (?:socket )?{AT}",
    r"\{address={AT}",
    r"Addr: \\?[\x22]?{AT}",
    r"EndPoint: \\?[\x22](?:Unspecified/)?{AT}",
    r"ioredis:\w+ status\[{AT}",
    r"\]: (?:[a-z_]+://)?{AT}/(?:bootstrap|[0-9]+): ",
    r"(?i)connect to {HOST}\[(?P<ip>[0-9A-Fa-f.:]+)\]:(?P<port>[0-9]{1,5})",
    r"(?i)connect(?:ing)? to: \[{AT}\]",
    r"(?:[Cc]onnected to|[Cc]onnecting to|[Ff]ailed to connect to) (?:broker at |server at |broker |server )?{HOST}(?: \([^)]*\))?(?::| port )(?P<port>[0-9]{1,5})",
    r"host: Some\((?:Domain|Ipv4|Ipv6)\(\\?[\x22]?{ANY}",
    r"remoteAddress: '{ANY}'",
    r"attempted address(?:es)?: {AT}",
    r"(?:traces|metrics|logs|spans|batch) to {AT}",
    r"\baddr: {AT}, broker: ",
    r"(?i)timeout was reached: \[{HOST}\]",
    r"connect to (?:DB|database|host|server|broker): {AT}",
    r"bootstrap from \[\('{ANY}', (?P<port>[0-9]{1,5})",
    r"lastDispatchedTo[\x22']?: ?[\x22']{AT}",
    r"host name '{HOST}\((?P<port>[0-9]{1,5})\)",
    r"connect to host, port: {ANY}, (?P<port>[0-9]{1,5})",
    r"(?:database server|remote server) (?:at )?[`'\x22]?{ANY}(?:[`'\x22]?:[`'\x22]?(?P<port>[0-9]{1,5}))?",
    // Go.
    r"(?:dial|read|write) tcp[46]?:? (?:[0-9A-Fa-f.:\[\]]+->)?\[?{ANY}\]?:(?P<port>[0-9]{1,5})",
    r"lookup {ANY}(?: on [^ ]+)?:",
    r"(?i)(?:lookup|resolution|resolving) (?:has |was )?(?:failed|failure|error|unsuccessful) (?:for|of) (?:host )?[\x22'`]?{AT}",
    r"target host \\?[\x22]{AT}",
    r"(?P<ip>[0-9]{1,3}(?:\.[0-9]{1,3}){3}):(?P<port>[0-9]{1,5}) \({ANY}\): ",
    r"could not be resolved: [\x22'`]{ANY}",
    r"failed to connect to `host={ANY} ",
    r"failed to connect to `[^`]*`:(?:\s|\\n|\\t)*(?P<ip>[0-9A-Fa-f.:]+?):(?P<port>[0-9]{1,5}) \({ANY}\)",
    // curl and programs that use libcurl.
    r"(?i)(?:failed|could not|couldn't|unable) (?:to )?connect to {ANY},? (?:\((?P<ip>[0-9A-Fa-f.:]+)\) )?port:? (?P<port>[0-9]{1,5})",
    r"(?i)could(?: not|n't) resolve host(?: name)?:? [\x22'`]?{ANY}",
    r"(?i)connect to {ANY} port (?P<port>[0-9]{1,5}) (?:from [^ ]+ port [0-9]+ )?(?:failed|timed)",
    r"(?i)trying {ANY}:(?P<port>[0-9]{1,5})\.\.\.",
    r"(?:connecting|connect) to {ANY} \({ANYIP}\)\|?:(?P<port>[0-9]{1,5})",
    r"(?i)connecting to {HOST}(?: \([^)]*\))?\|[0-9.|]*:(?P<port>[0-9]{1,5})",
    r"unable to resolve host address [`'\x22‘]{ANY}",
    r"getaddrinfo (?:for|of) {ANY} failed",
    // Ruby, PHP, .NET. A data source of SQL Server has a comma before the port.
    r"(?i)(?:server|data source|host)[ =:]{1,3}[\x22']?(?:tcp:)?{HOST},(?P<port>[0-9]{2,5})\b",
    r"(?i)Failed to open TCP connection to {ANY}:(?P<port>[0-9]{1,5})",
    r"(?i)(?:stream_socket_client|fsockopen)\(\): [Uu]nable to connect to (?:[a-z]+://)?{ANY}:(?P<port>[0-9]{1,5})",
    r"Unable to connect to (?:[a-z]+://)?{HOST}:(?P<port>[0-9]{1,5})",
    r"\((?:[Uu]nknown host )?{HOST}:(?P<port>[0-9]{1,5})\)",
    // The access log of Envoy: the id of the request, the authority, and the upstream host. A name with less than three
    // labels is often the alias of a service mesh (`payments.internal`): then only the second form has a host.
    r"[\x22][0-9A-Za-z-]{1,64}[\x22] [\x22](?P<host>(?:[A-Za-z0-9_-]+\.){2,}[A-Za-z]{2,24})[\x22] [\x22](?P<ip>[0-9]{1,3}(?:\.[0-9]{1,3}){3}):[0-9]{1,5}[\x22]",
    r"[\x22][0-9A-Za-z-]{1,64}[\x22] [\x22][^\x22 ]{1,255}[\x22] [\x22]{AT}[\x22]",
    r"upstream: [\x22'](?P<scheme>[a-z]+)://{ANY}(?::(?P<port>[0-9]{1,5}))?",
    r"host not found in (?:upstream|resolver) [\x22']{ANY}(?::(?P<port>[0-9]{1,5}))?",
    r"{HOST} could not be resolved",
    r"(?:no such host|not known|not resolve|name resolution)[^:]{0,20}: [\x22'`]?{HOST}(?::(?P<port>[0-9]{1,5}))?",
    r"for (?:domain|name|host) [\x22'`]?{HOST}",
    r"(?i)(?:unreachable|refused|timed out|failed to connect|connect(?:ing)?|connection)(?: to| with| at)?:? [\x22'`/]?{HOST}(?::(?P<port>[0-9]{1,5}))",
    r"to port (?P<port>[0-9]{1,5}) on {ANY}",
    r"{HOST}: (?:\[Errno -?[0-9]+\] )?(?:Temporary failure in name resolution|Name or service not known)",
    r"{HOST}:(?P<port>[0-9]{1,5}): (?:timed out|connection|\[Errno|connect)",
    // The target of a gRPC client: a scheme, an authority of the resolver, and the name.
    r"(?:dns|passthrough|xds|ipv4|consul|endpoints):(?://[^/\s]*/)?{AT}",
    r"\[{HOST}\]:(?P<port>[0-9]{2,5})\b",
    r"{HOST}\((?P<port>[0-9]{2,5})\)",
    r"(?i)(?:failed|unable|could not|couldn't|cannot|can't) (?:to )?(?:connect|reach|contact|dial) (?:to |with )?(?:host |server |broker )?[\x22'`]?{HOST}(?:[\x22'`.,;:]* |$)",
    r"{HOST}/<unresolved>:(?P<port>[0-9]{1,5})",
    r"\([\x22']{HOST}[\x22'], ?(?P<port>[0-9]{1,5})\b",
    r"(?i)(?:resolve|resolving|resolution of|resolution for|look ?up) (?:the )?(?:host ?name |host |name |domain |address )?[\x22'`]?{HOST}(?::(?P<port>[0-9]{1,5}))?",
];

/// [`FORMS`] with the placeholders replaced.
pub(super) static CONNECTED: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(filled(FORMS)));

/// [`PROXY_FORMS`] with the placeholders replaced.
pub(super) static PROXY: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(filled(PROXY_FORMS)));

fn filled(forms: &'static [&'static str]) -> impl Iterator<Item = String> {
    let fill = |form: &&str| {
        form.replace("{HOST}", HOST)
            .replace("{ANYIP}", ANY_IP)
            .replace("{AT}", AT)
            .replace("{ANY}", ANY)
            .replace("{Q}", QUOTE)
    };
    forms.iter().map(fill)
}

/// The servers that a `MongoDB` driver lists: a map of Node.js, and the lists of Go, Java and .NET.
pub(super) static TOPOLOGY: LazyPattern = LazyPattern::new(
    r#"(?:["']|Addr(?:ess)?: |address=|EndPoint: \\?"(?:Unspecified/)?)(?P<host>[A-Za-z0-9][A-Za-z0-9_.-]*):(?P<port>[0-9]{1,5})(?:["'] => \[?ServerDescription|, Type: Unknown|, type=UNKNOWN|\\?", .{0,200}State: \\?"Disconnected)"#,
);

/// The beginning of each server in such a list on one line.
pub(super) static TOPOLOGY_START: LazyPattern =
    LazyPattern::new(r"\{ ?(?:Addr(?:ess)?: |address=|ServerI[dD]: )");

/// The addresses of one attempt, of which each failed: `attempted addresses: 10.0.0.1:443, 2001:db8::1:443`.
pub(super) static ATTEMPTED: LazyPattern = LazyPattern::new(
    r"(?i)\b(?:attempted|tried|failed) addresses:? (?P<list>[0-9a-f.:\[\]]+:[0-9]{1,5}(?:, ?[0-9a-f.:\[\]]+:[0-9]{1,5})+)",
);

/// A URL.
pub(super) static URL: LazyPattern = LazyPattern::new(
    r#"(?P<scheme>[a-z][a-z0-9+.-]*)://(?:[^\s"'<>/?#@]*@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]*[A-Za-z0-9_])(?::(?P<port>[0-9]{1,5}))?"#,
);

/// A host and a port in the arguments of a function.
pub(super) static IN_CODE: LazyPattern = LazyPattern::new(concat!(
    r#"\(\s*(?:host=)?["']"#,
    host!(),
    r#"["'],\s*(?:port=)?(?P<port>[0-9]{1,5})\b"#
));

/// The value of a key such as `hostname`.
pub(super) static KEYED: LazyPattern = LazyPattern::new(concat!(
    r"(?i)\b(?:[a-z_]*host(?:name)?|address|server|endpoint|peer|addr|target|remote|url|domain|upstream|destination|dest|broker|node)[\x22']?\s*[:=]\s*[\x22'\[]?",
    host!(),
    r"(?::(?P<port>[0-9]{1,5}))?"
));

/// Any host name.
pub(super) static MENTIONED: LazyLock<Regex> =
    LazyLock::new(|| valid(Regex::new(&format!(r"{HOST}(?::(?P<port>[0-9]{{1,5}})\b)?"))));

/// A port in the text after a host. Text in parentheses can be between them.
pub(super) static PORT: LazyPattern = LazyPattern::new(
    r"(?i)^(?: ?\([^()]{1,200}\))??[ -~]{0,24}?\bport[ =:]{1,2}[\x22'`]?([0-9]{1,2},[0-9]{3}|[0-9]{1,5})\b",
);

/// A line that contains only a port.
pub(super) static KEYED_PORT: LazyPattern = LazyPattern::new(
    r"(?i)^[\s\x22'\[]*(?:port[\x22']?\s*[:=]\s*[\x22']?|TCP/IP connections on port )([0-9]{1,5})\b",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        CONNECTED.assert_valid();
        PROXY.assert_valid();
        for pattern in [&URL, &PORT, &KEYED_PORT, &TOPOLOGY, &TOPOLOGY_START, &ATTEMPTED, &IN_CODE, &KEYED] {
            pattern.assert_valid();
        }
        assert!(!MENTIONED.as_str().is_empty());
    }
}
