//! Distinguishes host names from file, module and class names, versions, documentation links and local
//! addresses.

use std::net::IpAddr;

use super::mention::Certainty;

/// Last labels of file, module and class names.
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
/// The labels of [`NOT_DOMAINS`] that are also top-level domains or private domains. A name with such a
/// label is a host if it has three labels or a port.
const ALSO_DOMAINS: &[&str] =
    &["io", "app", "dev", "sh", "rs", "py", "so", "internal", "local", "api", "run"];

/// Whether a last label belongs to a file, module or class name.
pub(crate) fn is_file_or_class(last: &str) -> bool {
    // `socket.gaierror`, `requests.exceptions.sslerror`: no top-level domain has these endings.
    (NOT_DOMAINS.contains(&last) && !ALSO_DOMAINS.contains(&last))
        || last.ends_with("error")
        || last.ends_with("exception")
}

/// Hosts of documentation that error messages link to.
const DOCUMENTATION: &[&str] = &[
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
/// First labels of dotted names in code.
const CODE_PREFIXES: &[&str] = &[
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
/// Extensions of source files.
const SOURCE_EXTENSIONS: &[&str] = &[
    "c", "h", "cc", "cpp", "py", "js", "ts", "go", "rs", "java", "kt", "php", "rb", "cs", "scala", "sh",
    "erl", "ex", "so", "dll", "exe", "jar",
];
/// Words that come before a host name.
const HOST_PREPOSITIONS: &[&str] = &[
    "to",
    "for",
    "host",
    "at",
    "with",
    "of",
    "resolve",
    "reach",
    "server",
    "connect",
    "address",
    "lookup",
    "domain",
    "hostname",
    "endpoint",
    "upstream",
    "name",
    "broker",
    "node",
    "url",
    "database",
    "target",
    "peer",
    "contact",
    "contacting",
    "resolving",
    "reaching",
    "connecting",
    "dialing",
    "ping",
];

/// Whether a match is not a host, or is not the destination of the failed connection. `before` and `after`
/// are the parts of the line before and after the match.
pub(super) fn is_not_a_destination(
    name: &str,
    before: &str,
    after: &str,
    port: Option<u16>,
    certainty: Certainty,
) -> bool {
    let is_address = name.parse::<IpAddr>().is_ok();
    // A word of the message: `Couldn't resolve host name`.
    if ["name", "hostname", "the"].contains(&name) {
        return true;
    }
    // A duration: `name resolution: 0.002s`.
    if name.trim_end_matches(['m', 's']).parse::<f64>().is_ok() {
        return true;
    }
    // A pointer, or an error code: `[asio.netdb:1]`.
    if name.starts_with("0x") || (certainty == Certainty::Mentioned && port.is_some_and(|port| port < 20)) {
        return true;
    }
    // The address of the DNS resolver.
    if is_address && (port == Some(53) || after.starts_with("#53") || before.ends_with("Do53:")) {
        return true;
    }
    let words = before.trim_end_matches(['\'', '"', '`', '[', '/', '\\']);
    let last_word = words.trim_end().rsplit([' ', '(', '\t']).next().unwrap_or_default().to_ascii_lowercase();
    if certainty == Certainty::InUrl {
        if ["s3://", "unix:", "file://", "node://"].iter().any(|scheme| before.ends_with(scheme))
            || name == "unix"
        {
            return true;
        }
        // A fragment is never part of a request.
        let path = after.split([' ', '"', '\'', ')', '>', ',']).next().unwrap_or_default();
        let is_documentation = path.contains('#')
            || path.starts_with("/docs/")
            || path.contains("/wiki/")
            || name.starts_with("docs.")
            || name.starts_with("developer.")
            || DOCUMENTATION.contains(&name);
        return is_documentation
            || ["see", "xmlns=", "info:", "documentation:", "docs:", "details:", "help:"]
                .contains(&last_word.as_str());
    }
    let last = name.rsplit('.').next().unwrap_or_default();
    let count = name.split('.').count();
    let is_connected = certainty == Certainty::Connected && port.is_some();
    if !is_address
        && count == 2
        && !is_connected
        && (is_file_or_class(last) || ["rs", "py", "sh", "so"].contains(&last))
    {
        return true;
    }
    if name == "unix" {
        return true;
    }
    // Text before an `@` is a user or a password. Text after a letter that is not ASCII is the rest of a
    // name.
    let is_rest = before.chars().next_back().is_some_and(|c| !c.is_ascii() && c.is_alphanumeric());
    if after.starts_with('@') || is_rest {
        return true;
    }
    if certainty == Certainty::Connected {
        return !is_address
            && count > 1
            && (SOURCE_EXTENSIONS.contains(&last) || last.ends_with("exception") || last.ends_with("error"));
    }
    // Part of a URL, which the URL pattern matches.
    if before.ends_with("://") {
        return true;
    }
    // The local address of the connection.
    if is_address
        && (after.starts_with("->")
            || ["on", "from", "local", "client:", "client", "bind"].contains(&last_word.as_str())
            || words.ends_with("->")
            || words.ends_with("laddr=("))
    {
        return true;
    }
    if is_address {
        let is_version =
            (words.ends_with(['v', '/', '-', '=']) || last_word.ends_with("version")) && port.is_none();
        return certainty == Certainty::Mentioned
            && (is_version || words.ends_with('@') || before.ends_with("@'") || after.starts_with(" - "));
    }
    if last.chars().all(|c| c.is_ascii_digit()) || name.contains(':') {
        return true;
    }
    if words.ends_with(['/', '@', '\\', '$', '.', '-']) && !words.ends_with("//") && port.is_none() {
        return true;
    }
    if after.starts_with(['(', '\\', '$', '_', '@'])
        || (after.starts_with('/') && certainty == Certainty::Mentioned && count < 3)
    {
        return true;
    }
    let has_domain_ending = (2..=24).contains(&last.len()) && last.bytes().all(|b| b.is_ascii_alphabetic());
    if !has_domain_ending
        || is_file_or_class(last)
        || (ALSO_DOMAINS.contains(&last) && count < 3 && port.is_none())
    {
        return true;
    }
    if certainty == Certainty::Mentioned {
        // A dotted name in code: `java.net.SocketTimeoutException`, `config.url: …`, `[orders.tax]`.
        let first = name.split('.').next().unwrap_or_default();
        let is_code = CODE_PREFIXES.contains(&first) || (before.ends_with('[') && after.starts_with(']'));
        let is_key = port.is_none() && (after.starts_with(": ") || after.starts_with('='));
        // The name of a setting: `called advertised.host.name`.
        let is_setting = port.is_none()
            && ["called", "setting", "property", "option", "parameter", "your"].contains(&last_word.as_str());
        let follows_preposition = HOST_PREPOSITIONS.contains(&last_word.trim_end_matches(':'));
        let is_plain = count < 3 && port.is_none() && !follows_preposition;
        return is_code || is_setting || (is_key && !follows_preposition) || is_plain;
    }
    false
}
