//! Whose address a line contains: the address of the server that the application called, of the application
//! itself as a server saw it, or of a client that called the application. Only the first is a destination.
//!
//! Owns the forms of the second and the third. The forms of the first are in [`super::host_patterns`].

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use crate::evidence::built_in::valid;
use crate::evidence::patterns::{LazyPattern, Patterns, Rows};

/// Lines of servers about their clients: a connection of a client failed, not a connection of the
/// application. The patterns are ASCII.
const CLIENT_FAILURES: &[&str] = &[
    // Any server.
    r"(?i)\b(?:the |remote )?client (?:has )?(?:prematurely )?(?:disconnected|went away|hung up|aborted|closed (?:the |its |keepalive )?connection)|(?:disconnected|aborted|closed|cancell?ed|reset) by (?:the )?client\b|ClientDisconnect|probably the client disconnected|during processing of request from|no pong (?:received )?from (?:the )?client|client abandoned|\bclient \[?[0-9]{1,3}(?:\.[0-9]{1,3}){3}[0-9:\]]* (?:connection )?(?:closed|disconnected|timed out|reset)|websocket: close [0-9]",
    r"(?i)\b(?:incoming|inbound|accepted|downstream) (?:(?:tls|ssl|tcp|https?|websocket|grpc) )?(?:connection|client|stream|session|peer)s?\b|\b(?:failed|error|unable) (?:to accept|accepting)\b|\baccept4?(?:\(\))? failed",
    // Go: net/http, gRPC.
    r"http: TLS handshake error from |\bhttp2?: (?:server(?:: | connection)|Accept error|panic serving)|http: proxy error: context canceled|grpc: Server\.|\[server-transport |HandleStreams failed|http2Server|ServerTransport|preface from client|ServerHandshake",
    // nginx, Apache, Envoy, HAProxy.
    r"(?i)while (?:sending (?:response )?to client|reading client request|waiting for request|processing HTTP/[23]|reading PROXY protocol|SSL handshaking, client|keepalive, client)|client timed out \(|downstream_(?:remote|local)_disconnect|\binbound\|[0-9]+\||response_flags[\x22': =]+D[CPR]\b|\bAH(?:00574|01225|02042|01382)\b|SSL handshake failure$|(?i)ssl_?do_?handshake\(\) failed .{0,200}, client: ",
    r"(?i)\b(?:dropped|refused|rejected|blocked) (?:an? )?connections? (?:from|of)\b|\b(?:slow|idle) client\b|\btimeout (?:for|of) client\b|\bsshd(?:-session)?\[[0-9]+\]: |access forbidden by rule, client: ",
    // Databases and caches as servers.
    r"(?i)could not (?:receive data from|send data to|accept SSL connection from) (?:the )?client|could not accept SSL connection|on client connection|connection to client lost|aborted connection [0-9]+ to db|scheduled to be closed ASAP|Client closed connection|Error writing to client|Reading from client: ",
    // Python.
    r"(?i)Broken pipe from \('|uwsgi_response_(?:write|sendfile|prepare)|uwsgi_\w+\(\): |Ignoring (?:EPIPE|connection reset)|Error parsing request|Invalid (?:HTTP )?request (?:received|from)|^INFO:\s+connection (?:closed|open)|aiohttp\.server",
    // JavaScript.
    r"(?i)abortIncoming|BadRequestError: request aborted|request aborted$|rawPacket|_http_server\.js|node:_http_server|transport (?:close|error)$",
    // Java.
    r"(?i)ClientAbortException|AsyncRequestNotUsable|ServletOutputStream failed|not usable after response|jetty\.(?:io\.EofException|http\.BadMessage)|http\.server\.HttpServerOperations|HttpServerCodec|catalina\.connector|Error parsing HTTP request header|undertow\.request|HttpServerConnect",
    // .NET.
    r"(?i)Kestrel|HttpsConnectionMiddleware|The client has disconnected|BadHttpRequestException|Unexpected end of request content|The client reset the request stream|RequestAborted\b",
    // Ruby, PHP, Rust.
    r"(?i)Puma::(?:ConnectionError|HttpParserError|MiniSSL)|HTTP parse error, malformed request|Listen loop error|failed to serve connection|error serving connection|hyper::server|client error: connection closed before message",
];

static CLIENT: LazyLock<Rows> = LazyLock::new(|| Rows::new(CLIENT_FAILURES.iter().copied()));

/// Whether a line is about a connection that a client made to the application.
pub(super) fn is_about_client(line: &str) -> bool {
    CLIENT.first(line.as_bytes()).is_some() || is_accepted_connection(line) || is_from_client_port(line)
}

/// The ports of a connection as Go writes them: `read tcp LOCAL->REMOTE: ...`.
static LOCAL_AND_REMOTE: LazyPattern =
    LazyPattern::new(r"(?:read|write) tcp[46]? [^ ]{1,64}:([0-9]{1,5})->[^ ]{1,64}:([0-9]{1,5})");

/// The first port that Linux assigns to a client.
const FIRST_EPHEMERAL: u16 = 32768;
/// Ports in the range for clients on which gRPC servers usually listen.
const GRPC_PORTS: std::ops::RangeInclusive<u16> = 50051..=50060;

/// Whether a line is about a connection that the application accepted: only the remote port is one that a
/// client uses.
fn is_accepted_connection(line: &str) -> bool {
    let is_client = |port: u16| port >= FIRST_EPHEMERAL && !GRPC_PORTS.contains(&port);
    LOCAL_AND_REMOTE.captures(line).is_some_and(|found| {
        let port = |at: usize| found.get(at).and_then(|port| port.as_str().parse().ok());
        matches!((port(1), port(2)), (Some(local), Some(remote)) if is_client(remote) && !is_client(local))
    })
}

/// An address that a server writes after a word for the origin of a connection.
static ORIGIN: LazyPattern = LazyPattern::new(
    r#"(?i)\b(?:from|client|downstream|clientaddr)["']?[ :=(\[/'"]{1,4}(?:[0-9]{1,3}\.){3}[0-9]{1,3}:([0-9]{5})\b"#,
);
/// Ports in the range for clients on which message brokers usually listen.
const BROKER_PORTS: std::ops::RangeInclusive<u16> = 61613..=61617;

/// Whether a line names the origin of a connection with a port that only a client uses.
fn is_from_client_port(line: &str) -> bool {
    // The application connects, on behalf of the client.
    if line.contains("dial tcp") {
        return false;
    }
    let line = without_other_addresses(line);
    let port = ORIGIN.captures(&line).and_then(|found| found.get(1)?.as_str().parse::<u16>().ok());
    port.is_some_and(|port| {
        port >= FIRST_EPHEMERAL && !GRPC_PORTS.contains(&port) && !BROKER_PORTS.contains(&port)
    })
}

/// The address of the application itself, or of a client of it.
const OTHER_ADDRESSES: &[&str] = &[
    r#"(?i)pg_hba\.conf (?:entry for|rejects) .{0,40}?host [\\"']*[^"'\\,]+"#,
    r#"(?i)\bhost [\\"']+[^"'\\]+[\\"']+ is (?:not allowed|blocked)"#,
    r#"(?i)\buser [\\"']+[^"'\\]*[\\"']+@[\\"']+[^"'\\]*"#,
    r#"(?i)client with IP address [\\"']*[0-9a-f.:]+"#,
    r#"(?i)\bIP(?:/Token| address)?:? [\\"'(]*[0-9a-f]+[.:][0-9a-f.:]+[\\"')]* (?:is not|through public)"#,
    r"(?i)(?:laddr|sockname|local_addr(?:ess)?)\s*[=:]\s*(?:\([^)]*\)|[^\s,;]+)",
    r"(?i)\[client [^\]]+\]",
    r#"(?i), (?:client|server|host|referrer|remote_addr): (?:"[^"]*"|[^\s,]+)"#,
    r#"(?i), request: "[^"]*""#,
];

static OTHER_ADDRESS: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(OTHER_ADDRESSES.iter().copied()));

static ANY_OTHER_ADDRESS: LazyLock<Regex> = LazyLock::new(|| valid(Regex::new(&OTHER_ADDRESSES.join("|"))));

/// The line without addresses that are not those of a server that the application called.
pub(super) fn without_other_addresses(line: &str) -> Cow<'_, str> {
    if OTHER_ADDRESS.matching(line).is_empty() {
        return Cow::Borrowed(line);
    }
    let is_proxy_line = line.contains(", client: ");
    ANY_OTHER_ADDRESS.replace_all(line, |found: &regex::Captures<'_>| {
        let text = found.get(0).map_or("", |text| text.as_str());
        // Only a reverse proxy writes `, server: …, host: …` about itself.
        if text.starts_with(", ") && !is_proxy_line { text.to_owned() } else { " ".to_owned() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_single_pattern_compiles() {
        for pattern in [&LOCAL_AND_REMOTE, &ORIGIN] {
            pattern.assert_valid();
        }
    }

    #[test]
    fn every_pattern_compiles() {
        CLIENT.assert_valid();
        OTHER_ADDRESS.assert_valid();
        assert!(ANY_OTHER_ADDRESS.is_match("[client 10.0.0.1]"));
    }

    #[test]
    fn a_connection_is_accepted_if_only_the_remote_port_is_a_port_of_a_client() {
        for (line, is_accepted) in [
            ("write tcp 10.0.0.5:8080->203.0.113.9:51022: write: broken pipe", true),
            ("read tcp 10.0.0.5:50051->10.0.0.9:43312: read: connection reset by peer", true),
            ("read tcp 10.0.0.5:43312->10.0.0.9:50051: read: connection reset by peer", false),
            ("read tcp 10.0.0.5:41234->10.0.0.9:443: read: connection reset by peer", false),
            ("dial tcp 10.0.0.9:51022: i/o timeout", false),
        ] {
            assert_eq!(is_about_client(line), is_accepted, "{line}");
        }
    }

    #[test]
    fn a_connection_from_a_port_of_a_client_is_an_accepted_one() {
        for (line, is_accepted) in [
            ("failed to read preface from 10.0.4.9:51822: timed out", true),
            ("session error: client=10.0.4.9:40022 connection reset by peer", true),
            ("inbound connection closed: connection reset", true),
            ("no response from 10.0.4.9:9042: timed out", false),
            ("disconnected from 10.0.4.9:61617: connection reset", false),
        ] {
            assert_eq!(is_about_client(line), is_accepted, "{line}");
        }
    }

    #[test]
    fn the_address_of_the_application_itself_is_removed() {
        for (line, rest) in [
            (
                r#"FATAL: no pg_hba.conf entry for host "10.0.1.2", user "app", database "app", no encryption"#,
                r#"FATAL: no  ", user "app", database "app", no encryption"#,
            ),
            (
                "Host '10.0.1.2' is blocked because of many connection errors",
                "  because of many connection errors",
            ),
            (
                r#"upstream timed out, client: 10.9.9.9, server: _, upstream: "http://10.0.0.5:80/", host: "shop.example.com""#,
                r#"upstream timed out  , upstream: "http://10.0.0.5:80/" "#,
            ),
            (
                "connect failed, host: db.example.com, port: 5432",
                "connect failed, host: db.example.com, port: 5432",
            ),
        ] {
            let cleaned = without_other_addresses(line).replace("   ", "  ");
            assert_eq!(cleaned, rest, "{line}");
        }
    }
}
