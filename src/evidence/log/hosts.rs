//! Which host a line is about: the one that the failing connection went to, as each client writes it.

use std::net::IpAddr;
use std::sync::LazyLock;

use regex::{Captures, Regex, RegexSet, RegexSetBuilder};

use crate::evidence::catalogue::classify;
use crate::evidence::host::{default_port, destination};
use crate::model::{Destination, DestinationKind};

/// A host that a line names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub host: String,
    /// As told; the protocol's own when only that is told.
    pub port: Option<u16>,
    /// The addresses it had.
    pub addresses: Vec<IpAddr>,
    /// How sure it is that the connection went there.
    pub rank: Rank,
}

/// How a host came to be named, the surest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// It stands somewhere in the line.
    Mentioned,
    /// Under a key such as `hostname`.
    Keyed,
    /// In a URL.
    Requested,
    /// Where the client says whither it connected.
    Connected,
}

impl Named {
    pub fn is_address(&self) -> bool {
        self.host.parse::<IpAddr>().is_ok()
    }

    /// Whether it is the public API of an AWS service, which is HTTPS.
    pub fn is_aws_api(&self) -> bool {
        matches!(classify(&self.host), DestinationKind::AwsApi(_))
    }

    /// As a destination; 443 when no port was told.
    pub fn destination(&self) -> Option<Destination> {
        let port = self.port.unwrap_or(443);
        if self.host.contains(':') {
            return destination(&format!("[{}]:{port}", self.host)).ok();
        }
        destination(&format!("{}:{port}", self.host)).ok()
    }
}

/// A name with a dot, or an address; never a file or a class.
const HOST: &str = r"(?P<host>(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\.)+[A-Za-z0-9-]*[A-Za-z][A-Za-z0-9-]*|[0-9]{1,3}(?:\.[0-9]{1,3}){3}|localhost)";
/// Likewise, or a name of one label.
const ANY: &str = r"(?P<host>\[?[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}\]?|[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)";
/// With a port behind, which an IPv6 address without brackets runs into.
const AT: &str = r"\[?(?P<host>[0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9A-Fa-f]*|[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)\]?:(?P<port>[0-9]{1,5})";

/// Where clients say whither they connected, the surest first.
static CONNECTED: LazyLock<(RegexSet, Vec<Regex>)> = LazyLock::new(|| {
    let forms = [
        // A proxy, before what stands behind it.
        r"proxy=https?://{ANY}(?::(?P<port>[0-9]{1,5}))",
        r"proxy URL: \\?[\x22']?(?:https?://)?(?:[^\s@/]*@)?{ANY}(?::(?P<port>[0-9]{1,5}))",
        r"(?:CONNECT|tunnel to) {AT}",
        r"proxyconnect tcp: dial tcp:? (?:lookup )?{HOST}(?::(?P<port>[0-9]{1,5}))?",
        r"(?i)(?:connect to|reach|via|through) (?:the |HTTP |https? )?proxy (?:server )?(?:at )?[\x22']?(?:https?://)?{ANY}(?::(?P<port>[0-9]{1,5}))",
        r"(?i)could not resolve proxy(?: name)?: {ANY}",
        // Python.
        r#"host=['"]{ANY}['"], port=(?P<port>[0-9]{1,5})"#,
        r"(?i)connection to {ANY} timed out",
        r"Cannot connect to host {AT}",
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
        r"(?i)(?:timed out|refused|reset|unreachable|route to host|after [0-9]+ ?ms|connect to|resolve)[:,]? (?:no further information: )?{ANY}/(?:<unresolved>|(?P<ip>[0-9A-Fa-f.:]+?)):(?P<port>[0-9]{1,5})",
        r"{HOST}/(?P<ip>[0-9]{1,3}(?:\.[0-9]{1,3}){3}):(?P<port>[0-9]{1,5})",
        r"(?:resolve|resolving) host [\x22'`]{ANY}",
        r"UnknownHostException: (?:Failed to resolve '?)?{ANY}(?:[\x22':;,)\]]|$| \()",
        r"Connection to {ANY}:(?P<port>[0-9]{1,5}) (?:refused|failed)",
        r"The connection attempt (?:to {ANY}:(?P<port>[0-9]{1,5}) )?failed",
        // JavaScript.
        r"(?:getaddrinfo|query[A-Z]*) (?:ENOTFOUND|EAI_[A-Z]+|ETIMEOUT|ESERVFAIL|ENODATA|ECONNREFUSED) {ANY}(?::(?P<port>[0-9]{1,5}))?",
        r"connect (?:E[A-Z]+) {AT}",
        r"Inaccessible host: [`'\x22]{ANY}",
        r"UnableToConnect on {AT}",
        r"(?i)(?:reading from|writing to|read from|wrote to) (?:socket )?{AT}",
        r"\{address={AT}",
        r"Addr: \\?[\x22]{AT}",
        r"\]: (?:[a-z_]+://)?{AT}/(?:bootstrap|[0-9]+): ",
        r"(?i)connect to {HOST}\[(?P<ip>[0-9A-Fa-f.:]+)\]:(?P<port>[0-9]{1,5})",
        r"(?:[Cc]onnected to|[Cc]onnecting to|[Ff]ailed to connect to) (?:broker at |server at |broker )?{HOST}(?: \([^)]*\))?(?::| port )(?P<port>[0-9]{1,5})",
        r"host: Some\((?:Domain|Ipv4|Ipv6)\(\\?[\x22]?{ANY}",
        r"remoteAddress: '{ANY}'",
        r"attempted address(?:es)?: {AT}",
        r"(?:database server|remote server) (?:at )?[`'\x22]?{ANY}(?:[`'\x22]?:[`'\x22]?(?P<port>[0-9]{1,5}))?",
        // Go.
        r"(?:dial|read|write) tcp[46]?:? (?:[0-9A-Fa-f.:\[\]]+->)?\[?{ANY}\]?:(?P<port>[0-9]{1,5})",
        r"lookup {ANY}(?: on [^ ]+)?:",
        r"target host \\?[\x22]{AT}",
        r"(?P<ip>[0-9]{1,3}(?:\.[0-9]{1,3}){3}):(?P<port>[0-9]{1,5}) \({ANY}\): ",
        r"could not be resolved: [\x22'`]{ANY}",
        r"failed to connect to `host={ANY} ",
        r"failed to connect to `[^`]*`:(?:\s|\\n|\\t)*(?P<ip>[0-9A-Fa-f.:]+?):(?P<port>[0-9]{1,5}) \({ANY}\)",
        // curl and what stands on it.
        r"(?i)(?:failed|could not|couldn't|unable) (?:to )?connect to {ANY},? (?:\((?P<ip>[0-9A-Fa-f.:]+)\) )?port:? (?P<port>[0-9]{1,5})",
        r"(?i)could(?: not|n't) resolve host(?: name)?:? [\x22'`]?{ANY}",
        r"(?i)connect to {ANY} port (?P<port>[0-9]{1,5}) (?:from [^ ]+ port [0-9]+ )?(?:failed|timed)",
        r"(?i)trying {ANY}:(?P<port>[0-9]{1,5})\.\.\.",
        r"(?:connecting|connect) to {ANY} \({ANYIP}\)\|?:(?P<port>[0-9]{1,5})",
        r"(?i)connecting to {HOST}(?: \([^)]*\))?\|[0-9.|]*:(?P<port>[0-9]{1,5})",
        r"unable to resolve host address [`'\x22‘]{ANY}",
        r"getaddrinfo (?:for|of) {ANY} failed",
        // Ruby, PHP, .NET.
        r"(?i)Failed to open TCP connection to {ANY}:(?P<port>[0-9]{1,5})",
        r"(?i)(?:stream_socket_client|fsockopen)\(\): [Uu]nable to connect to (?:[a-z]+://)?{ANY}:(?P<port>[0-9]{1,5})",
        r"Unable to connect to (?:[a-z]+://)?{HOST}:(?P<port>[0-9]{1,5})",
        r"\((?:[Uu]nknown host )?{HOST}:(?P<port>[0-9]{1,5})\)",
        r"upstream: [\x22'](?P<scheme>[a-z]+)://{ANY}(?::(?P<port>[0-9]{1,5}))?",
        r"host not found in (?:upstream|resolver) [\x22']{ANY}(?::(?P<port>[0-9]{1,5}))?",
        r"{HOST} could not be resolved",
        r"(?:no such host|not known|not resolve|name resolution)[^:]{0,20}: [\x22'`]?{HOST}(?::(?P<port>[0-9]{1,5}))?",
        r"for (?:domain|name|host) [\x22'`]?{HOST}",
        r"(?i)(?:unreachable|refused|timed out|failed to connect|connect(?:ing)?|connection)(?: to| with| at)?:? [\x22'`/]?{HOST}(?::(?P<port>[0-9]{1,5}))",
        r"to port (?P<port>[0-9]{1,5}) on {ANY}",
        r"{HOST}: (?:\[Errno -?[0-9]+\] )?(?:Temporary failure in name resolution|Name or service not known)",
        r"{HOST}:(?P<port>[0-9]{1,5}): (?:timed out|connection|\[Errno|connect)",
    ];
    let ip = r"(?P<ip>[0-9A-Fa-f.:]+)";
    let quote = r#"\\?["'`]"#;
    let fill = |form: &str| {
        form.replace("{HOST}", HOST)
            .replace("{ANYIP}", ip)
            .replace("{AT}", AT)
            .replace("{ANY}", ANY)
            .replace("{Q}", quote)
    };
    let forms: Vec<String> = forms.iter().map(|form| fill(form)).collect();
    let set = RegexSetBuilder::new(&forms).dfa_size_limit(16 << 20).build();
    (
        set.unwrap_or_else(|_| RegexSet::empty()),
        forms.iter().filter_map(|form| Regex::new(form).ok()).collect(),
    )
});

#[expect(clippy::unwrap_used, reason = "constant patterns")]
static URL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?P<scheme>[a-z][a-z0-9+.-]*)://(?:[^\s"'<>/?#@]*@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]*[A-Za-z0-9_])(?::(?P<port>[0-9]{1,5}))?"#).unwrap()
});

#[expect(clippy::unwrap_used, reason = "constant patterns")]
static KEYED: LazyLock<Regex> = LazyLock::new(|| {
    let key = r"(?i)\b(?:[a-z_]*host(?:name)?|address|server|endpoint|peer|addr|target|remote|url|domain|upstream|destination|dest|broker|node)[\x22']?\s*[:=]\s*[\x22'\[]?";
    Regex::new(&format!("{key}{HOST}(?::(?P<port>[0-9]{{1,5}}))?")).unwrap()
});

#[expect(clippy::unwrap_used, reason = "constant patterns")]
static MENTIONED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(&format!(r"{HOST}(?::(?P<port>[0-9]{{1,5}})\b)?")).unwrap());

#[expect(clippy::unwrap_used, reason = "constant patterns")]
static PORT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)^[ -~]{0,24}?\bport[ =:]{1,2}[\x22'`]?([0-9]{1,5})\b").unwrap());

#[expect(clippy::unwrap_used, reason = "constant patterns")]
static KEYED_PORT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^[\s\x22'\[]*(?:port[\x22']?\s*[:=]\s*[\x22']?|TCP/IP connections on port )([0-9]{1,5})\b",
    )
    .unwrap()
});

/// Last labels that are file names, modules or classes rather than domains.
const NOT_DOMAINS: &[&str] = &[
    "c",
    "h",
    "cc",
    "py",
    "js",
    "ts",
    "mjs",
    "cjs",
    "jsx",
    "tsx",
    "rb",
    "go",
    "rs",
    "java",
    "kt",
    "php",
    "cs",
    "cpp",
    "so",
    "log",
    "json",
    "yaml",
    "yml",
    "txt",
    "html",
    "xml",
    "conf",
    "cfg",
    "ini",
    "toml",
    "lock",
    "pem",
    "crt",
    "sock",
    "exceptions",
    "errors",
    "error",
    "connection",
    "connectionpool",
    "client",
    "clients",
    "request",
    "session",
    "adapters",
    "retryhandler",
    "credentials",
    "endpoint",
    "handler",
    "internal",
    "gz",
    "jar",
    "class",
    "dll",
    "exe",
    "env",
    "sh",
    "pyc",
    "worker",
    "logger",
    "main",
    "app",
    "core",
    "service",
    "services",
    "http",
    "https",
    "util",
    "utils",
    "node",
    "pool",
    "httpx",
    "httpcore",
    "urllib3",
    "botocore",
    "exec",
    "exe",
    "run",
    "server",
    "socket",
    "timeout",
    "async",
    "base",
    "impl",
    "local",
    "query",
    "db",
    "sql",
    "sdk",
    "api",
    "io",
    "lang",
    "proxy",
    "route",
    "method",
    "call",
    "send",
    "execute",
    "open",
    "connect",
    "read",
    "write",
    "get",
    "put",
    "post",
    "invoke",
];
/// Of these, the ones that are top-level domains all the same: they count where the name has three labels or a port.
const BOTH: &[&str] = &["io", "app", "dev", "sh", "rs", "py", "so", "internal", "local", "api", "run"];

/// Whether a last label belongs to a file, module or class name.
pub(crate) fn is_no_domain(last: &str) -> bool {
    // `socket.gaierror`, `requests.exceptions.sslerror`: no top-level domain ends so.
    (NOT_DOMAINS.contains(&last) && !BOTH.contains(&last))
        || last.ends_with("error")
        || last.ends_with("exception")
}

/// What a line names, the surest first. Names stand before addresses of the same certainty.
pub(super) fn named(line: &str) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    let (set, forms) = &*CONNECTED;
    for form in set.matches(line).iter().filter_map(|at| forms.get(at)) {
        for capture in form.captures_iter(line) {
            found.extend(from(line, &capture, Rank::Connected));
        }
    }
    for capture in URL.captures_iter(line) {
        found.extend(from(line, &capture, Rank::Requested));
    }
    for capture in KEYED.captures_iter(line) {
        found.extend(from(line, &capture, Rank::Keyed));
    }
    for capture in MENTIONED.captures_iter(line) {
        found.extend(from(line, &capture, Rank::Mentioned));
    }
    let mut distinct: Vec<Named> = Vec::new();
    for one in found {
        match distinct.iter_mut().find(|other| other.host == one.host) {
            Some(other) => {
                other.port = other.port.or(one.port);
                other.addresses.extend(one.addresses);
            }
            None => distinct.push(one),
        }
    }
    distinct
}

/// The port of a line that says nothing else.
pub(super) fn port_alone(line: &str) -> Option<u16> {
    KEYED_PORT.captures(line)?.get(1)?.as_str().parse().ok()
}

fn from(line: &str, capture: &Captures<'_>, rank: Rank) -> Option<Named> {
    let host = capture.name("host")?;
    if rank == Rank::Mentioned && host.as_str().bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let name = host.as_str().trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
    let before = line.get(..host.start()).unwrap_or_default();
    let after = line.get(host.end()..).unwrap_or_default();
    let port = capture.name("port").and_then(|port| port.as_str().parse().ok()).filter(|port| *port > 0);
    if is_noise(&name, before, after, port, rank) {
        return None;
    }
    let told = capture.name("ip").map(|ip| ip.as_str().to_owned());
    let list = capture.name("list").map(|list| addresses_of(list.as_str())).unwrap_or_default();
    let addresses: Vec<IpAddr> = told.iter().filter_map(|ip| ip.parse().ok()).chain(list).collect();
    let scheme = capture.name("scheme").map(|scheme| default_port(scheme.as_str()));
    let behind = || PORT.captures(after).and_then(|found| found.get(1)?.as_str().parse().ok());
    let port = port.or(scheme).or_else(behind);
    Some(Named { host: name, port, addresses, rank })
}

fn addresses_of(list: &str) -> Vec<IpAddr> {
    list.split([',', ' ', '/']).filter_map(|text| text.trim().parse().ok()).collect()
}

/// Hosts of documentation, which messages point to.
const MANUALS: &[&str] = &[
    "pris.ly",
    "sqlalche.me",
    "curl.haxx.se",
    "curl.se",
    "aka.ms",
    "goo.gl",
    "nodejs.org",
    "go.microsoft.com",
    "www.docker.com",
    "www.twilio.com",
    "platform.openai.com",
];
/// First labels of dotted names that are code.
const CODE: &[&str] = &[
    "com",
    "org",
    "io",
    "net",
    "java",
    "javax",
    "sun",
    "jdk",
    "software",
    "kotlin",
    "reactor",
    "scala",
    "akka",
    "system",
    "microsoft",
    "botocore",
    "urllib3",
    "requests",
    "node",
    "self",
    "this",
    "config",
    "response",
    "request",
    "error",
    "err",
    "app",
    "src",
];
/// Endings of files with code.
const SOURCES: &[&str] = &[
    "c", "h", "cc", "cpp", "py", "js", "ts", "go", "rs", "java", "kt", "php", "rb", "cs", "scala", "sh",
    "so", "dll", "exe", "jar",
];
/// Words before a name that make a host of it.
const LEADS: &[&str] = &[
    "to", "for", "host", "at", "with", "of", "resolve", "reach", "server", "connect", "address", "lookup",
    "domain", "hostname", "endpoint", "upstream",
];

/// What looks like a host and is none, or is not where the connection went.
fn is_noise(name: &str, before: &str, after: &str, port: Option<u16>, rank: Rank) -> bool {
    let is_address = name.parse::<IpAddr>().is_ok();
    // The resolver is asked, it is not what is asked for.
    if is_address && (port == Some(53) || before.ends_with("Do53:")) {
        return true;
    }
    let words = before.trim_end_matches(['\'', '"', '`', '[', '/', '\\']);
    let last_word = words.trim_end().rsplit([' ', '(', '\t']).next().unwrap_or_default().to_ascii_lowercase();
    if rank == Rank::Requested {
        if ["s3://", "unix:", "file://", "node://"].iter().any(|scheme| before.ends_with(scheme))
            || name == "unix"
        {
            return true;
        }
        let is_manual =
            name.starts_with("docs.") || name.starts_with("developer.") || MANUALS.contains(&name);
        return is_manual
            || ["see", "xmlns=", "info:", "documentation:", "docs:", "details:", "help:"]
                .contains(&last_word.as_str());
    }
    let last = name.rsplit('.').next().unwrap_or_default();
    let count = name.split('.').count();
    if !is_address && count == 2 && (is_no_domain(last) || ["rs", "py", "sh", "so"].contains(&last)) {
        return true;
    }
    if name == "unix" {
        return true;
    }
    // What stands before an `@` is a user or a password, and behind a letter that no host has, the rest of a name.
    let is_rest = before.chars().next_back().is_some_and(|c| !c.is_ascii() && c.is_alphanumeric());
    if after.starts_with('@') || is_rest {
        return true;
    }
    if rank == Rank::Connected {
        return !is_address && count > 1 && (SOURCES.contains(&last) || last.ends_with("exception"));
    }
    // What stands in a URL was looked at as one.
    if before.ends_with("://") {
        return true;
    }
    // The own end.
    if is_address
        && (after.starts_with("->")
            || ["on", "from", "local", "client:", "client", "bind"].contains(&last_word.as_str())
            || words.ends_with("->")
            || words.ends_with("laddr=("))
    {
        return true;
    }
    if is_address {
        let is_version = words.ends_with(['v', '/', '-', '=']) && port.is_none();
        return rank == Rank::Mentioned
            && (is_version || words.ends_with('@') || before.ends_with("@'") || after.starts_with(" - "));
    }
    if last.chars().all(|c| c.is_ascii_digit()) || name.contains(':') {
        return true;
    }
    if words.ends_with(['/', '@', '\\', '$', '.', '-']) && !words.ends_with("//") && port.is_none() {
        return true;
    }
    if after.starts_with(['(', '\\', '$', '_', '@'])
        || (after.starts_with('/') && rank == Rank::Mentioned && count < 3)
    {
        return true;
    }
    let plausible_end = (2..=24).contains(&last.len()) && last.bytes().all(|b| b.is_ascii_alphabetic());
    if !plausible_end || is_no_domain(last) || (BOTH.contains(&last) && count < 3 && port.is_none()) {
        return true;
    }
    if rank == Rank::Mentioned {
        // A dotted name in code: `java.net.SocketTimeoutException`, `config.url: …`, `[orders.tax]`.
        let first = name.split('.').next().unwrap_or_default();
        let is_code = CODE.contains(&first) || (before.ends_with('[') && after.starts_with(']'));
        let is_key = port.is_none() && (after.starts_with(": ") || after.starts_with('='));
        let is_led = LEADS.contains(&last_word.trim_end_matches(':'));
        let is_plain = count < 3 && port.is_none() && !is_led;
        return is_code || (is_key && !is_led) || is_plain;
    }
    false
}
