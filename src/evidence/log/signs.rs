//! Which words mean what: the table of failures as clients print them.
//!
//! Written from what the SDKs, HTTP clients, database drivers and servers print. Where a line fits several rows, the first
//! row decides, so that the more telling ones stand above.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex::Regex;
use regex::bytes::{RegexSet, RegexSetBuilder};

use crate::evidence::Symptom;

/// A row: what the words mean. `None` takes a line out, whatever else it says.
struct Row(Option<Symptom>, &'static str);

const fn row(symptom: Symptom, words: &'static str) -> Row {
    Row(Some(symptom), words)
}

/// ASCII, without regard to case where the pattern says `(?i)`.
const ROWS: &[Row] = &[
    // A server that answers about something else, a success, a setting, a hint.
    Row(
        None,
        r"(?i)FATAL:\s+(?:sorry|remaining connection|database|the database system|too many connections)|\(1040, |\b1040\b.{0,20}too many connections|lock wait timeout|statement timeout|lock timeout|canceling statement",
    ),
    Row(
        None,
        r"(?i)ResourceNotFoundException|NoSuchBucket|NoSuchKey|missing region(?: [^i]|$)|socket usage at capacity|\[AWS [a-z0-9]+ 2[0-9]{2} |pool is full, discarding|NoSuchTable|EOF when reading a line|client disconnected|timeout set to|\b0 (?:timeouts|connection errors)|certificate verify (?:ok|locations)",
    ),
    Row(
        None,
        r"(?i)\xe2\x9c\x93|\xe2\x9c\x94|::test_[a-z0-9_]+ PASSED|^ok [0-9]+ |--- PASS|no connection errors|mapped exception handlers|KeyError: |os\.environ",
    ),
    // Servers and supervisors that end their own work.
    row(
        Symptom::WorkerTimeout,
        r"(?i)worker timeout|ServiceUnavailableError: Response timeout|^status: 'timeout'|\x22status\x22: ?\x22timeout\x22|AsyncRequestTimeoutException|watchdog timeout|timeout \([0-9]+s > [0-9]+s\), killing|source=rack-timeout.*state=timed_out|harakiri on|harakiri !|terminating timed out worker|Task timed out after [0-9.]+ ?s",
    ),
    row(
        Symptom::WorkerTimeout,
        r"(?i)execution timed out \([0-9.]+|maximum execution time of|Rack::Timeout|ran for longer than|waited for longer than",
    ),
    row(
        Symptom::WorkerTimeout,
        r"(?i)code=H12|\bhard time limit|\bsoft time limit|TimeLimitExceeded|worker (?:process )?(?:pid|[0-9]+)?.{0,40}(?:failed to check in|timed out|unresponsive)",
    ),
    // Pools.
    row(
        Symptom::PoolExhausted,
        r"(?i)pool has been exhausted|QueuePool limit|timeout waiting for connection from pool|ConnectionPoolTimeout|request timed out after [0-9]+ ?ms.{0,40}total=",
    ),
    row(
        Symptom::PoolExhausted,
        r"(?i)connection is not available, request timed out|fetching a new connection from the (?:connection )?pool|timeout acquiring a connection",
    ),
    row(
        Symptom::PoolExhausted,
        r"(?i)ResourceRequest timed out|ConnectionAcquireTimeout|Acquire operation took longer|\bPoolTimeout|PoolTimedOut|pool timed out|PoolAcquire",
    ),
    row(
        Symptom::PoolExhausted,
        r"(?i)could not obtain (?:a )?(?:database |jdbc )?connection (?:from the pool )?within|obtaining a connection from the pool|couldn't get a connection after",
    ),
    row(
        Symptom::PoolExhausted,
        r"(?i)pool (?:is )?exhausted|connection pool timeout|socket usage at capacity|MaxConnectionsError|timed out waiting for (?:a )?(?:free )?connection|pool\.acquire|no connections? (?:is |are )?available in (?:the )?pool",
    ),
    row(
        Symptom::PoolExhausted,
        r"(?i)ActiveRecord::ConnectionTimeoutError|cannot get a connection, pool error|acquiring (?:a )?connection from (?:the )?pool|(?:wait|waiting) (?:for|on) (?:a )?(?:free |idle |available )?(?:connection|slot) (?:from|in) (?:the )?pool|PoolError: .{0,40}(?:exhausted|limit)",
    ),
    row(
        Symptom::PoolExhausted,
        r"(?i)too many connections\b.{0,40}pool|ConnectionError: Too many connections|WaitQueueTimeout|timed out while checking out a connection|Timed ?out (?:while )?waiting for (?:an? )?(?:open |idle )?connection|Pending acquire queue|Semaphore.{0,30}connection pool|get a resource from the pool|waiting for idle object",
    ),
    // Proxies.
    row(
        Symptom::Proxy,
        r"(?i)ProxyError|proxy connection ended|proxy response \([0-9]+\)|ProxyConnectionError|tunnel connection failed|CONNECT tunnel failed|from proxy after CONNECT|proxyconnect|proxy authentication required",
    ),
    row(
        Symptom::Proxy,
        r"(?i)could not resolve proxy|unable to tunnel through proxy|tunneling socket could not|Proxy CONNECT aborted|(?:unable|failed|cannot|can't|could not) (?:to )?(?:connect to|reach|establish .{0,30} through|tunnel through) (?:the |HTTP |https? )?proxy",
    ),
    row(
        Symptom::Proxy,
        r"(?i)ERR_PROXY|ERR_TUNNEL|ProxyConnectException|HttpProxyConnectException|The proxy tunnel request|proxy server .{0,60}(?:refused|failed|timed out|unreachable|40[37])|proxy (?:responded|returned|refused|connect failed|handshake)|unsuccessful tunnel|tunnel error",
    ),
    // Name resolution.
    row(
        Symptom::DnsTimeout,
        r"(?i)lookup [^ ]+ ?(?:on [^ ]+)?: .{0,80}(?:i/o timeout|deadline exceeded|timed out)|read udp .{0,80}i/o timeout|dial udp .{0,80}(?:i/o timeout|timed out)",
    ),
    row(
        Symptom::DnsTimeout,
        r"(?i)awaiting 'lookup'|DnsNameResolverTimeout|via UDP timed out|DNS operation timed out|resolution lifetime expired|name lookup timed out|Resolving timed out|\b(?:dns|resolver|resolution|nslookup)\b[^.;]{0,60}(?:timed out|timeout)|ResolveError.{0,80}Timeout|\bETIMEOUT\b|LifetimeTimeout|DNS_TIMEOUT",
    ),
    row(
        Symptom::DnsTimeout,
        r"(?i)timeout while (?:contacting|querying) DNS|resolver\.Timeout|connection timed out; no servers could be reached|query timed out|(?:host not found|could not be resolved) .{0,20}\(110:",
    ),
    row(
        Symptom::DnsFailure,
        r"(?i)getaddrinfo|lookup [^ ]+ on [0-9a-f.:\[\]]+: |WinError 11001|(?-i:\bENOTFOUND\b)|EAI_[A-Z]+|UnknownHost|no such host|name or service not known|name resolution|nodename nor servname|no address associated with",
    ),
    row(
        Symptom::DnsFailure,
        r"(?i)could(?: not|n't) (?:be )?resolve|(?:failed|unable|cannot) to resolve|cannot resolve|could not translate host name|name does not resolve|server misbehaving|dns error|failed to lookup address",
    ),
    row(
        Symptom::DnsFailure,
        r"(?i)host not found|NXDOMAIN|SERVFAIL|Unknown MySQL server host|could not be resolved|unable to resolve|UnresolvedAddress|NameResolutionError|gaierror|php_network_getaddresses|name not resolved|HostNotFound|no such domain|NameNotResolved|DNS (?:lookup|resolution|query) (?:failed|error|failure)|DNS failure|NoSuchHost|nonexistent domain|Domain name not found|No such host is known|resolve(?:r)? error|Name_Resolution|unknown host|NoNameservers|NoSuchEndpointError",
    ),
    // Routes and listeners.
    row(
        Symptom::Unreachable,
        r"(?i)ENETUNREACH|EHOSTUNREACH|ENETDOWN|no route to host|error 113\b|connect_error:_?113|WinError 100(?:51|65)|network is unreachable|NoRouteToHost|host is unreachable|host unreachable|unreachable (?:host|network)|network unreachable|os error 10[15]\b|os error 113\b|NetworkUnreachable|network is down|host is down",
    ),
    row(
        Symptom::Refused,
        r"(?i)ECONNREFUSED|connection(?: was)? refused|connection to .{1,255} refused|actively refused|ConnectionRefused|refused the (?:connection|network connection)|os error 111\b|WinError 10061|connect\(\) failed \(111|refused our connection|connect refused",
    ),
    // AWS knows better which region.
    row(
        Symptom::WrongRegion,
        r"(?i)invalid endpoint: |PermanentRedirect|AuthorizationHeaderMalformed|region '[^']*' is wrong|IllegalLocationConstraint|must be addressed using the specified endpoint|BucketRegionError|is in this region:|incorrect region|bucket is in .{0,30}region|requested from the wrong region|could not resolve endpoint region|301 response without a Location|Bad redirect location|Invalid ?region|NoRegionError|You must specify a region|Missing region in config|region.{0,40}doesn't match a supported|Region not found|not a valid region",
    ),
    // TLS.
    row(
        Symptom::Tls,
        r"(?i)SSLError|SSL_ERROR|SSLHandshake|CERTIFICATE_VERIFY|certificate verify|x509:|\btls: |SSL handshake is taking|handshake (?:failed|failure|timed? ?out|operation timed|error|did not complete)|self[- ]signed cert|ERR_TLS|ERR_SSL|UNABLE_TO_(?:VERIFY|GET)|ERR_CERT|CERT_HAS_EXPIRED|DEPTH_ZERO",
    ),
    row(
        Symptom::Tls,
        r"(?i)PKIX path|unable to get (?:local )?issuer|SSL routines|SSL_connect|(?:hostname|certificate|host name).{0,120}doesn't match|(?:remote|server|peer) certificate (?:is|was|verif|could|cannot|does|did|has)|certificate (?:is not|has expired|common name|chain|subject name|problem|is invalid|is expired|unknown|required)|WRONG_VERSION_NUMBER|InvalidCertificate|UnknownIssuer|invalid peer certificate|\bEPROTO\b|SSLException|SSLPeerUnverified|SSLCertVerification|UntrustedRoot|RemoteCertificate|SSL connection could not be established|SSL: [A-Z_]+\]|OpenSSL::SSL::SSLError|schannel|alert (?:handshake|number|protocol)|hostname/ip does not match",
    ),
    // Connections.
    row(
        Symptom::ReadTimeout,
        r#"(?i)while reading body|kind: "HTTP read"|timeout during reading|was reached but timed out|milliseconds timeout on connection|\(70007\)"#,
    ),
    row(
        Symptom::ConnectTimeout,
        r#"(?i)kind: "HTTP connect"|timeout during connection attempt|timeout when trying to connect|in `initialize': execution expired|in 'initialize': execution expired|OpenTimeout"#,
    ),
    row(
        Symptom::ConnectTimeout,
        r"(?i)did not establish a connection|connection timed out after [0-9]+ ?ms: |open TCP connection to .{1,255} \(execution expired\)",
    ),
    row(
        Symptom::Timeout,
        r"(?i)connection timed out after [0-9]+ ?ms\b|APIConnectionTimeoutError|Client\.Timeout|execution expired|timeout of [0-9]+ ?ms exceeded",
    ),
    row(
        Symptom::ReadTimeout,
        r"(?i)read error \(connection timed out|awaiting '(?:response|read)'|read ETIMEDOUT|read timed? ?out|ReadTimeout|read timeout|read operation timed out|ESOCKETTIMEDOUT|HEADERS_TIMEOUT|HeadersTimeout|BODY_TIMEOUT|BodyTimeout|SocketTimeoutException: (?:Read|timeout)|(?:timed out|timeout).{0,60}while reading|(?:awaiting|waiting for) (?:response )?headers|[0-9]+ (?:out of [0-9-]+ )?bytes received|timeout reading|reading from socket|recv(?:from)? (?:timed out|timeout)|read: (?:connection|operation) timed out|Socket read timed out|ServerTimeoutError|SocketTimeoutError|sock_read|Response timeout|timed out (?:while )?(?:waiting for|reading) (?:the |a )?(?:response|data|reply|headers|server)",
    ),
    row(
        Symptom::ReadTimeout,
        r"(?i)timeout awaiting response|read tcp .{0,80}i/o timeout|no response (?:received )?within|Timeout on reading|error while reading from socket.{0,60}timed out|read\(\) timed out|upstream timed out .{0,60}while reading|first byte timeout",
    ),
    row(
        Symptom::ConnectTimeout,
        r"(?i)connect(?:ion)? ?timed? ?-?out|ConnectTimeout|connect[_ ]timeout(?: error)?\b|connection to .{1,255}? timed out|ETIMEDOUT|CONNECT_TIMEOUT|ConnectionTimeout|connection attempt timed out|Connection timeout|dial(?:ing)? (?:tcp|to).{0,120}(?:i/o timeout|timed? ?out|deadline exceeded)|i/o timeout|connect.{0,80}operation timed out|Errno 110|Errno 60\b|os error 110\b|OpenTimeout|open timeout",
    ),
    row(
        Symptom::ConnectTimeout,
        r"(?i)awaiting '(?:connect|socket)'|can't connect to .{1,255}\(timed out\)|while waiting to connect|failed to connect to .{0,200}(?:after [0-9]+ ?ms(?:$|[^:]|: (?:timeout|connection timed|operation timed))|timed? ?out)|connection timeout expired|timeout expired|timed out while connecting|timed out (?:while )?(?:trying to |attempting to )?(?:connect|establish)|timeout (?:while )?(?:connecting|trying to connect|exceeded when trying to connect|when connecting)|did not properly respond|without establishing a connection|login timeout|\[110\]|\(110\)|SocketException \(110|connect\(\) timed out|host has failed to respond|within the (?:specified|connect(?:ion)?) timeout|connection attempt failed because|WSAETIMEDOUT|WinError 10060|connection setup timed out|\{connection_timeout\}|connect error: deadline has elapsed|connect error: .{0,60}timed out|cannot connect to .{1,255}: timed out|failed to establish .{0,40}within|ConnectionTimedOut|connect deadline|connect: .{0,20}timed out|:[0-9]+: timed out",
    ),
    row(
        Symptom::Reset,
        r"(?i)ECONNRESET|EPIPE\b|broken pipe|connection(?: was)? reset|reset by (?:peer|server)|connection aborted|software caused connection abort|unexpected end of stream|prematurely reached end|RemoteDisconnected|remote end closed|socket hang ?up|unexpected EOF|\bEOF$|: EOF\b|EOFError(?:: end of file|$)|server closed the connection|server has closed|connection (?:has been |was |is )?(?:forcibly |already |unexpectedly |prematurely )?closed (?:by|before|unexpectedly|prematurely|in the middle|while)|ConnectionReset|ServerDisconnected|IncompleteMessage|other side closed|WinError 10054|broken connection|transfer closed with|EOFException|unexpectedly lost|UND_ERR_SOCKET|terminating connection|gone away|lost connection",
    ),
    row(
        Symptom::Reset,
        r"(?i)closed by (?:the )?(?:remote|peer|server|foreign)|forcibly closed|premature(?:ly)? (?:end|close)|ConnectionClosedError|closed before we received|NoHttpResponse|failed to respond|empty reply|recv failure|SSL connection has been closed|EOF detected|EOF (?:occurred|while)|connection closed$|Connection terminated unexpectedly|IncompleteRead|ClosedChannel|peer closed connection|GOAWAY|stream (?:was )?reset|RemoteProtocolError|socket (?:was )?closed unexpectedly|ProtocolError.{0,60}aborted|response ended prematurely|Server unexpectedly closed|connection unexpectedly|Error while reading from .{0,80}\(54|ChannelClosed|transport connection.{0,60}closed|os error (?:32|104)\b|Errno (?:32|104)\b",
    ),
    // What a service answers.
    row(
        Symptom::ClockSkew,
        r"(?i)signature expired|RequestTimeTooSkewed|not yet current|is now earlier than|is still later than|difference between the request time|clock[ -]?skew|RequestExpired|RequestInTheFuture|used too (?:early|late)|issued in the future|\biat\b.{0,40}future|token is not yet valid|ahead of (?:the )?server",
    ),
    row(
        Symptom::Credentials,
        r"(?i)NoCredential|\b535\b.{0,20}auth|credentials invalid|invalid credentials|credentials .{0,60}(?:not valid|invalid)|MissingCredentials|without credentials|CredentialsNotLoaded|no providers in chain provided|ACCESS_REFUSED|login was refused|unable to locate credentials|could not load credentials|missing credentials|CredentialsProvider|ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignature|AuthFailure|PartialCredentials|MissingAuthenticationToken|InvalidToken\b|TokenRefreshRequired|ExpiredCredentials",
    ),
    row(
        Symptom::Credentials,
        r"(?i)security token included in the request|token .{0,60}(?:is |has )expired|(?:password )?authentication failed|access denied for user|login failed for user|WRONGPASS|NOAUTH|auth(?:entication)? (?:failure|error)\b|401 Unauthorized|\b(?:status|code|statuscode|status_code|http)[\x22']?[ :=]+(?:code )?401\b|invalid_api_key|incorrect api key|AuthenticationError|invalid api key|no EC2 IMDS role|unable to load (?:aws )?credentials|refresh (?:cached )?credentials|get credentials|invalid x-api-key|invalid_grant|invalid_client\b|invalid (?:access|bearer|auth) token|credentials (?:have|has) expired|session (?:has )?expired|no (?:valid )?credentials|credentials (?:not found|could not|were not)|Unable to (?:find|get|retrieve) .{0,20}credentials|InvalidIdentityToken|Could not (?:find|load) .{0,10}credentials|NotAuthenticated|Unauthenticated|responded (?:with )?401|returned (?:error: )?401|401 Client Error",
    ),
    row(
        Symptom::AccessDenied,
        r"(?i)AccessDenied|no pg_hba\.conf entry|access denied\b|access to the resource .{1,300} is denied|UnauthorizedOperation|not authorized to perform|explicit deny|403 Forbidden|AuthorizationError|NotAuthorized\b|ForbiddenException|\bforbidden\b|PERMISSION_DENIED|permission denied for|insufficient(?:_scope| permissions)|with no identity-based policy|\b(?:status|code|statuscode|status_code|http)[\x22']?[ :=]+(?:code )?403\b|403 Client Error|responded (?:with )?403|NotAuthorizedException|AuthorizationException|not authorized",
    ),
    row(
        Symptom::Throttled,
        r"(?i)throttl(?:ing|ed)|slow ?down|rate exceeded|TooManyRequests|too many requests|429 Too Many|(?:status|code|http)[^0-9]{0,12}429\b|429 client error|RequestLimitExceeded|ThroughputExceeded|rate[ _-]?limit(?:ed|[ _-]?(?:exceeded|reached|error|hit)|exceptio)|exceeded .{0,40}rate limit|RateLimitError|reached your .{0,20}rate limit|BandwidthLimitExceeded|QuotaExceeded",
    ),
    // The rest.
    row(
        Symptom::Timeout,
        r"(?i)deadline exceeded|TimeoutError|TimeoutException|\btimed ?-?out\b|RequestTimeout|request timeout|timeout was reached|TimedOut|aborted due to timeout|timeout exceeded|exceeded .{0,20}timeout|ServerSelectionTimeout|timeout after [0-9]|ERR_TIMED_OUT|the operation was canceled.{0,40}timeout|timeout error|timeout reached|network timeout|ECONNABORTED|timeout: ",
    ),
    row(
        Symptom::ConnectFailed,
        r"(?i)EndpointConnectionError|could not connect|could not be established|inaccessible host|network-related or instance-specific|request to [^ ]+ failed|UnableToConnect|run out of available brokers|max retries per request limit|connection error|APIConnectionError|can't (?:reach|connect)|cannot connect|fetch failed|failed to establish|ConnectionError|unable to (?:connect|reach)|couldn't connect|(?:failed|failure) (?:to )?(?:connect|open TCP|create connection|obtain JDBC)|connect failed|NetworkingError|NetworkError|network error|trying to connect|DispatchFailure|ClientConnectorError|ConnectException|connection failed|connection to .{0,120}failed|ConnectError|connection attempt (?:to .{0,80} )?failed|NetworkFailure|unable to execute HTTP request|sending request for url|CommunicationsException|communications link failure|ServiceUnavailable.{0,40}connect|ConnectionException|failed to (?:reach|send request|dial)|could not reach|not reachable|Error opening socket|cannot open connection|No connection could be made|OperationalError.{0,80}connect|connection could not be| - no response$",
    ),
    // Known forms of an answer.
    row(
        Symptom::Answered,
        r#"https?://[^ "]{1,255}:[0-9]{2,5} "[A-Z]{3,7} [^"]{0,2000}" [1-5][0-9]{2}\b|HTTP Request: [A-Z]{3,7} https?://[^ ]{1,2000} "HTTP/[0-9.]+ [1-5][0-9]{2}"#,
    ),
];

static SET: LazyLock<RegexSet> =
    LazyLock::new(|| built(ROWS.iter().map(|row| row.1)).unwrap_or_else(RegexSet::empty));

fn built(rows: impl Iterator<Item = impl AsRef<str>>) -> Option<RegexSet> {
    RegexSetBuilder::new(rows).unicode(false).size_limit(256 << 20).dfa_size_limit(32 << 20).build().ok()
}

/// Pieces of words without one of which no row fits. They let most lines pass unread.
const TRIGGERS: &[&str] = &[
    // Time, and what is over.
    "timed",
    "timeout",
    "time-out",
    "time limit",
    "timelimit",
    "deadline",
    "harakiri",
    "code=h12",
    "expire",
    "longer than",
    "last too long",
    "watchdog",
    // Pools.
    "pool limit",
    "from pool",
    "the pool",
    "connection pool",
    "pool timed",
    "pool error",
    "pool exhaust",
    "pool is",
    "pool has",
    "poolerr",
    "poolacq",
    "pool.acquire",
    "maxconnections",
    "waitqueue",
    "pending acquire",
    "waiting for idle",
    "too many",
    "toomany",
    // Proxies, names.
    "proxy",
    "tunnel",
    "resolv",
    "getaddrinfo",
    "enotfound",
    "eai_",
    "unknownhost",
    "unknown host",
    "unknown mysql",
    "no such",
    "not known",
    "servname",
    "no address",
    "translate",
    "misbehaving",
    "dns",
    "lookup ",
    "host not found",
    "hostnotfound",
    "nxdomain",
    "servfail",
    "gaierror",
    "etimeout",
    "nosuch",
    "nonameservers",
    // Connections.
    "unreach",
    "no route",
    "noroute",
    "netdown",
    "network is",
    "network err",
    "networkerr",
    "network-related",
    "is down",
    "os error",
    "winerror",
    "refused",
    "unable",
    "could not",
    "couldn't",
    "cannot",
    "can't",
    "failed",
    "failure",
    "connection err",
    "connectionerr",
    "connecterr",
    "connectexc",
    "connectionexc",
    "connector",
    "communications",
    "trying to connect",
    "opening socket",
    "establish",
    "inaccessible",
    "not reachable",
    "reachable?",
    "dispatchfail",
    "available brokers",
    "no response",
    "no connection",
    "error 1",
    "errno",
    "(110",
    "[110",
    "(70007",
    "respond",
    "i/o",
    "max retries",
    "sending request",
    "reset",
    "epipe",
    "broken",
    "abort",
    "disconnect",
    "closed",
    "hang up",
    "hangup",
    "eof",
    "gone away",
    "lost",
    "prematur",
    "empty reply",
    "incomplete",
    "goaway",
    "end of stream",
    "protocole",
    "terminat",
    "headers",
    "bytes received",
    "reading",
    "recv",
    "response ended",
    // TLS.
    "ssl",
    "tls",
    "certif",
    "err_cert",
    "cert_",
    "x509",
    "handshake",
    "pkix",
    "issuer",
    "eproto",
    "schannel",
    "alert number",
    "alert protocol",
    "t match",
    // What a service answers.
    "redirect",
    "malformed",
    "region '",
    "wrong region",
    "incorrect region",
    "invalid region",
    "region not",
    "this region",
    "bucketregion",
    "invalidregion",
    "noregion",
    "specify a region",
    "region_name",
    "missing region in",
    "valid region",
    "constraint",
    "addressed",
    "endpointconn",
    "invalid endpoint",
    "signature",
    "skew",
    "yet current",
    "earlier than",
    "later than",
    "difference between",
    "in the future",
    "inthefuture",
    "too early",
    "too late",
    "not yet valid",
    "ahead of",
    "credential",
    "security token",
    "invalid",
    "expiredtoken",
    "authenticat",
    "authoriz",
    "noauth",
    "auth fail",
    "auth error",
    "denied",
    "wrongpass",
    "login was",
    " 401",
    " 403",
    " 429",
    "=401",
    "=403",
    "=429",
    ":401",
    ":403",
    ":429",
    "api key",
    "api_key",
    "x-api-key",
    "535",
    "imds",
    "deny",
    "forbidden",
    "permission",
    "pg_hba",
    "throttl",
    "slow down",
    "slowdown",
    "rate exceeded",
    "rate limit",
    "rate_limit",
    "ratelimit",
    "exceeded",
    "quota",
    "unrecognizedclient",
    "missing",
    "access_refused",
    "insufficient",
    "with no identity",
    // Answers.
    "http request: ",
    ":443 \"",
    ":80 \"",
];

static TRIGGER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::DFA))
        .build(TRIGGERS)
        .ok()
});

/// Whether a line may hold a sign. Cheap.
pub(super) fn may_matter(line: &[u8]) -> bool {
    TRIGGER.as_ref().is_none_or(|set| set.is_match(line))
}

/// A time-out that is set, not one that happened: `connect_timeout=60`, `"read_timeout": 60`, `idle_timeout: Some(600s)`.
#[expect(clippy::unwrap_used, reason = "a constant pattern")]
static SETTING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)(?:\b|[a-z_-])[a-z_.-]*(?:timeout|timed_?out|harakiri|throttl\w*|retries|rate_?limit)[a-z_]*\\?["']?\s*(?:[:=]|=>|\.{3,})\s*\\?["']?(?:[0-9]|PT|Some\(|None|true|false|null|\{)[^\s,})\]]*|name resolution: [0-9.]+ ?m?s\b|\b(?:E[A-Z]{5,}|refused|reset|dns|errors?|timeouts?)\\?["']?\s*[:=]\s*0\b"#,
    )
    .unwrap()
});

/// Where a request went on its host: words there are nobody's error.
#[expect(clippy::unwrap_used, reason = "a constant pattern")]
static PATH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?P<keep>://[^\s/"'<>]+|\b(?:GET|POST|PUT|HEAD|DELETE|PATCH|OPTIONS) )/[^\s"'<>)]*"#)
        .unwrap()
});

/// What a line says, by the first row that fits.
pub(super) fn symptom(line: &str) -> Option<Symptom> {
    let line = PATH.replace_all(line, "$keep");
    let line = SETTING.replace_all(&line, "");
    SET.matches(line.as_bytes()).iter().next().and_then(|at| ROWS.get(at)).and_then(|row| row.0)
}

/// The rows without limits to what may stand between two words: cheaper to look for.
static LOOSE: LazyLock<RegexSet> = LazyLock::new(|| {
    let limits = Regex::new(r"\.\{[0-9]+,[0-9]+\}\??|\[\^ \]\{[0-9]+,[0-9]+\}").ok();
    let loose = |row: &Row| {
        limits
            .as_ref()
            .map_or_else(|| row.1.to_owned(), |limits| limits.replace_all(row.1, ".*").into_owned())
    };
    let rows = ROWS.iter().filter(|row| row.0.is_some()).map(loose);
    built(rows).unwrap_or_else(RegexSet::empty)
});

/// Whether a line may hold a sign, settings and all. Cheaper than [`symptom`].
pub(super) fn has_sign(line: &[u8]) -> bool {
    LOOSE.is_match(line)
}
