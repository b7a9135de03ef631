//! Error texts and their symptoms: the table of failures as SDKs, HTTP clients, database drivers and servers
//! print them.
//!
//! Add the error text of a new driver here, and a part of it to [`super::error_keywords`]. Put a more
//! specific pattern above a less specific one.

use std::borrow::Cow;
use std::sync::{LazyLock, OnceLock};

use regex::bytes::Regex;

use super::error_row::{Row, row};
use super::generic_patterns::{CAUSES, NEAR_HOST, UNSPECIFIC, confirmed};
use crate::evidence::Symptom;
use crate::evidence::built_in::valid;
use crate::evidence::patterns::{LazyPattern, Part, Rows, ascii};

/// The rows of particular clients. The patterns are ASCII.
const ROWS: &[Row] = &[
    // A database or cache that responded with the reason why it ends the connection.
    row(
        Symptom::HostBlocked,
        r"(?i)is blocked because of many connection errors|\(1129, |HY000/1129|\[1129\]|ER_HOST_IS_BLOCKED",
    ),
    row(
        Symptom::TlsRequired,
        r"(?i)pg_hba\.conf (?:entry|rejects).{0,300}(?:no encryption|SSL off)|insecure transport are prohibited|require_secure_transport|SSL connection is required|(?:server|database|broker) requires (?:an? )?(?:SSL|TLS|encrypt)|only accepts (?:SSL|TLS|encrypted)|STARTTLS (?:is )?required|issue a STARTTLS",
    ),
    row(
        Symptom::NotAllowed,
        r"(?i)pg_hba\.conf (?:entry|rejects)|is not allowed to connect to this|\(1130, |HY000/1130|\[1130\]|ER_HOST_NOT_PRIVILEGED|running in protected mode|client with IP address .{1,60} is not allowed|IP(?:/Token)? [^ ]{1,60} is not (?:allowed|authorized|whitelisted)|blocked by your .{1,60} firewall|not (?:in|on) (?:the |your |our )?(?:IP )?(?:white ?list|allow ?list|access list)|IP allow ?list",
    ),
    row(
        Symptom::ConnectionLimit,
        r"(?i)sorry, too many clients|remaining connection slots|too_many_connections|FATAL:\s+too many connections|too many connections for (?:role|database)|TooManyConnectionsError|Mysql2::Error.{0,30}too many connections|ORA-00020|ORA-125(?:16|18|19|20)\b|too many open connections|limit for the (?:database|elastic pool) is [0-9]+ and has been reached|\(1040, |HY000/1040|\[1040\]|\b1040\b.{0,20}too many connections|ER_CON_COUNT|message from server: .{0,4}too many connections|max number of clients reached|max_user_connections|no more connections allowed|max_client_conn|connection limit .{0,60}reached",
    ),
    row(
        Symptom::NoDatabase,
        r"(?i)database [\x22'`].{1,80}[\x22'`] does not exist|InvalidCatalogName|ORA-125(?:05|14)\b|unknown database '|ER_BAD_DB|cannot open database \x22|NOT_FOUND - (?:no )?vhost|vhost .{1,80} not found",
    ),
    row(
        Symptom::NotReady,
        r"(?i)the database system is (?:starting|shutting|in recovery|not )|FATAL:\s+the database system is|LOADING Redis is loading|CLUSTERDOWN|MASTERDOWN|server shutdown in progress|not yet accepting connections|Vault is sealed",
    ),
    // Not failed connections: other errors of a server, successes, settings, documentation.
    Row(
        None,
        r"(?i)lock wait timeout|statement timeout|lock timeout|canceling statement|statement cancell?ed",
    ),
    Row(
        None,
        r"(?i)(?:acquire|acquiring|obtain|obtaining) (?:the |a )?(?:[a-z]+ )?lock\b|lock acquisition timed out|session timed out(?: after [0-9]+ ?[a-z]{0,8})?(?: for user|, (?:redirect|please|log))|\bCORS\b.{0,40}\borigin\b|waiting for (?:the )?(?:confirmation|approval|input|decision|consent|signature|payment) (?:of|from|by) (?:the )?(?:user|customer|client|reviewer)\b",
    ),
    // Timeouts of the application's own jobs, child processes, tests and browsers.
    Row(
        None,
        r"(?i)TimeoutExpired: Command|(?:Job|Task|Activity|Workflow|Test)Timeout|Queue\\+(?:Timeout|MaxAttempts)Exceeded|attempted too many times|\\Jobs\\[^ ]{1,100} has timed out|\b(?:job|dag|workflow|pipeline|cron ?job) [^ ]{1,120} (?:has )?timed out|\b(?:job|process|dag|script|build|workflow|migration)(?: [#'\x22\[(][^ ]{1,60}| [0-9][^ ]{0,30})? (?:has )?timed out|(?:StartToClose|ScheduleToStart|ScheduleToClose|Heartbeat) timeout|ORA-01013|TIMEOUT_EXCEEDED\)|navigation timeout|from renderer|(?:ffmpeg|ffprobe|chrome|chromium|wkhtmlto[a-z]+|soffice|pandoc) .{0,40}(?:timed out|network error)|connect(?:ing)? (?:your |the )?wallet|unexpected EOF while parsing|stream was reset: CANCEL|^(?:FAILED|PASSED|ERROR) [^ ]{1,200}\.py::|exceeded maximum timeout value|exceeded timeout of [0-9]+ ?ms for a|page\.waitFor|waiting for (?:selector|locator|function) |closing: EOF; received prior goaway|exceeds maximum size|^(?:PASS|FAIL) [^ ]+\.(?:test|spec)\.|^\s+(?:raise|throw new) [A-Z]|^usage: |Forbidden: /|Forbidden \((?:CSRF|Permission|Origin|Referer)",
    ),
    // Texts about errors: documentation, tests, reports of persons, and reports that an error is over.
    Row(
        None,
        r"(?i)\bcommit [0-9a-f]{7,40}: |\b(?:changelog|release notes?|documentation|i18n|SLO report|(?:user|customer) feedback): |\btranslations? (?:loaded|missing): |\b(?:unit|integration) tests? \x22|\bincident [A-Z]{2,8}-[0-9]{1,8} (?:closed|resolved)\b|\bsearch query=|\bstatus=resolved\b|% of (?:all |the )?(?:requests?|calls|connections) (?:timed out|failed)",
    ),
    // Connections that a program closes at the end of its work.
    Row(
        None,
        r"(?i)\b(?:finished|completed|done|succeeded|successful(?:ly)?|graceful(?:ly)?|shutting down|shutdown|idle)\b.{0,80}\bconnections? (?:is |was |are |were )?closed\.?$|\b(?:goaway|stream|connection|session)\b.{0,80}\bNO_ERROR",
    ),
    // Errors of the program, not of a call; lists of error codes; names of variables.
    Row(
        None,
        r"\b(?:ImportError|ModuleNotFoundError|NameError|AttributeError|AssertionError|SyntaxError|ReferenceError|NoMethodError|UnboundLocalError|NotImplementedError|ClassNotFoundException|NoClassDefFoundError|NoSuchMethodError|NullPointerException)\b|\bE[A-Z]{6,}, ?E[A-Z]{6,}|[A-Z0-9_]{3,}TIMEOUT[A-Z_]* (?:is |was )?(?:not set|unset|missing|undefined|ignored)|[Tt]ime-?outs? (?:value )?(?:is|was|must|should|needs to|cannot|will|has been) (?:not )?(?:be )?(?:less|greater|more than|lower|higher|longer|shorter|too|at least|at most|set\b|between|a positive|an integer|disabled|enabled|ignored|changed|adjusted|configured)|\b(?:Cypress|Playwright|Selenium|WebDriver|TestCafe|Capybara)|idle[- ]in[- ]transaction|idle[- ]session timeout|^PRECONDITION_FAILED|\(406, |Timeout value used: ",
    ),
    Row(
        None,
        r"(?i)retr(?:y|ies|ying|yable)[a-z_ ]{0,12}(?:on|for|exceptions?|errors?)[\x22']?[:=]? ?\[|WaitPeriodNotYetEnded",
    ),
    Row(
        None,
        r"(?i)ResourceNotFoundException|NoSuchBucket|NoSuchKey|missing region(?: [^i]|$)|socket usage at capacity|\[AWS [a-z0-9]+ 2[0-9]{2} |pool is full, discarding|NoSuchTable|EOF when reading a line|client disconnected|timeout set to|\b0 (?:timeouts|connection errors)|certificate verify (?:ok|locations)",
    ),
    Row(
        None,
        r"(?i)\bservererrors\.|at consistency (?:level )?[A-Z]|replicas? (?:were |are )?required|DeprecationWarning|\bis deprecated\b|\xe2\x9c\x93|\xe2\x9c\x94|::test_[a-z0-9_]+ PASSED|^ok [0-9]+ |--- PASS|no connection errors|mapped exception handlers|KeyError: |os\.environ",
    ),
    // Responses that Python's requests, httpx and aiohttp report as an exception with the URL. The rows of `Api` symptoms
    // explain 401, 403, 407 and 429.
    row(
        Symptom::Answered,
        r"(?i)\b(?:4(?:0[024-689]|[13-9][0-9]|2[0-8])|5[0-9]{2}) (?:Client|Server) Error: .{0,200} for url: https?://|\b(?:client|server) error '(?:4(?:0[024-689]|[13-9][0-9]|2[0-8])|5[0-9]{2}) .{0,200}' for url 'https?://|ClientResponseError: (?:4(?:0[024-689]|[13-9][0-9]|2[0-8])|5[0-9]{2}), message=.{0,200}, url=.{0,8}https?://",
    ),
    // Web servers that stop their own workers.
    row(
        Symptom::WorkerTimeout,
        r"(?i)worker timeout|ServiceUnavailableError: Response timeout|^status: 'timeout'|\x22status\x22: ?\x22timeout\x22|AsyncRequestTimeoutException|\bAsync request timed out|watchdog timeout|timeout \([0-9]+s > [0-9]+s\), killing|source=rack-timeout.*state=timed_out|harakiri on|harakiri !|terminating timed out worker|Task timed out after [0-9.]+ ?s",
    ),
    row(
        Symptom::WorkerTimeout,
        r"(?i)upstream timed out.{0,2000}upstream: .?(?:(?:fastcgi|uwsgi|scgi)://|[a-z]+://unix:|https?://(?:127\.0\.0\.1|localhost|\[::1\])[:/])|^[\x22']?upstream request timeout[\x22']?$|mod_fcgid: .{0,40}timeout|FastCGI process exceeded|\bAH01075\b|execution timed out \([0-9.]+|maximum execution time of|Rack::Timeout|ran for longer than|waited for longer than",
    ),
    row(
        Symptom::WorkerTimeout,
        r"(?i)code=H12|\bhard time limit|\bsoft time limit|TimeLimitExceeded|worker (?:process )?(?:pid|[0-9]+)?.{0,40}(?:failed to check in|timed out|unresponsive)",
    ),
    // Connection pools.
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
        r"(?i)dropped from queue after|PoolExhausted|\bpool empty\b|waiting to acquire .{0,20}connection|acquisition timeout|ConnectionPool::TimeoutError|ResourceRequest timed out|ConnectionAcquireTimeout|Acquire operation took longer|\bPoolTimeout|PoolTimedOut|pool timed out|PoolAcquire|timeout exceeded when trying to connect",
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
    // Clients that cannot load a configuration from a URL, before the texts with "resolve".
    row(Symptom::ConnectFailed, r"(?i)unable to resolve the configuration"),
    row(Symptom::ConnectTimeout, r"(?i)waiting_for_connection|failed to connect to .{1,255} in [0-9]+ ?ms"),
    // Name resolution.
    row(
        Symptom::DnsTimeout,
        r"(?i)lookup [^ ]+ ?(?:on [^ ]+)?: .{0,80}(?:i/o timeout|deadline exceeded|timed out)|read udp .{0,80}i/o timeout|dial udp .{0,80}(?:i/o timeout|timed out)",
    ),
    row(
        Symptom::DnsTimeout,
        r"(?i)awaiting 'lookup'|DnsNameResolverTimeout|via UDP timed out|DNS operation timed out|resolution lifetime expired|name lookup timed out|Resolving timed out|\b(?:dns|resolver|resolution|nslookup)\b[^.;]{0,60}(?:timed out|timeout)|ResolveError.{0,80}Timeout|\bquery[A-Z][A-Za-z]{0,8} ETIMEOUT\b|LifetimeTimeout|DNS_TIMEOUT|no servers could be reached|communications error to [^ ]{1,64}#53",
    ),
    row(
        Symptom::DnsTimeout,
        r"(?i)timeout while (?:contacting|querying) DNS|resolver\.Timeout|connection timed out; no servers could be reached|query timed out|(?:host not found|could not be resolved) .{0,20}\(110:",
    ),
    row(
        Symptom::DnsFailure,
        r"(?i)getaddrinfo|lookup [^ ]+ on [0-9a-f.:\[\]]+: |WinError 11001|(?-i:\bENOTFOUND\b)|EAI_[A-Z]+|UnknownHost|no such host|name or service not known|(?:in|during|with|of|for|the|DNS|host) name resolution|name resolution(?:[^ a-z]|$| (?:[a-z]+ ){0,2}(?:fail|error|time|problem|unsucc|attempt|of|for|\())|nodename nor servname|no address associated with",
    ),
    row(
        Symptom::DnsFailure,
        r"(?i)could(?: not|n't) (?:be )?resolve|(?:failed|unable|cannot) to resolve|cannot resolve|could not translate host name|name does not resolve|server misbehaving|dns error|failed to lookup address",
    ),
    row(
        Symptom::DnsFailure,
        r"(?i)host not found|NXDOMAIN|SERVFAIL|Unknown MySQL server host|could not be resolved|unable to resolve|UnresolvedAddress|NameResolutionError|gaierror|php_network_getaddresses|name not resolved|HostNotFound|no such domain|NameNotResolved|DNS (?:lookup|resolution|query) (?:failed|error|failure)|DNS failure|NoSuchHost|nonexistent domain|Domain name not found|No such host is known|resolve(?:r)? error|Name_Resolution|NoNameservers|NoSuchEndpointError|no resolvable bootstrap|couldnt_resolve|resource temporarily unavailable \([a-z0-9.-]{1,255}:[0-9]|ORA-12545|name resolver error",
    ),
    // Network unreachable and connection refused.
    row(
        Symptom::Unreachable,
        r"(?i)ENETUNREACH|EHOSTUNREACH|ENETDOWN|no route to host|error 113\b|returned error (?:113|101|51)\b|can't connect to .{1,270}\(1(?:13|01)\)|connect[_ ]error:[_ ]*1(?:13|01)\b|WinError 100(?:51|65)|network is unreachable|NoRouteToHost|host is unreachable|host unreachable|unreachable (?:host|network)|network unreachable|os error 10[15]\b|os error 113\b|NetworkUnreachable|network is down|host is down",
    ),
    row(
        Symptom::Refused,
        r"(?i)ECONNREFUSED|connection(?:_| was | )refused|returned error (?:111|61)\b|connection to .{1,255} refused|actively refused|ConnectionRefused|refused the (?:connection|network connection)|os error 111\b|WinError 10061|connect\(\) failed \(111|refused our connection|connect refused|connect[_ ]error:[_ ]*111\b|TNS:no listener|Errno (?:111|61)\b|can't connect to .{1,270}\(111\b",
    ),
    // AWS reports that another region is correct.
    row(
        Symptom::WrongRegion,
        r"(?i)invalid endpoint: |PermanentRedirect|AuthorizationHeaderMalformed|region '[^']*' is wrong|IllegalLocationConstraint|must be addressed using the specified endpoint|BucketRegionError|is in this region:|incorrect region|bucket is in .{0,30}region|requested from the wrong region|could not resolve endpoint region|301 response without a Location|Bad redirect location|Invalid ?region|NoRegionError|You must specify a region|Missing region in config|region.{0,40}doesn't match a supported|Region not found|region is missing|unable to load region|not a valid region",
    ),
    // TLS.
    row(
        Symptom::Tls,
        r"(?i)SSLError|SSL_ERROR|SSLHandshake|TLS :client: .{0,120}ALERT: Fatal|\[SSL: (?:TLS|SSL)V[0-9]+_ALERT_|CERTIFICATE_VERIFY|certificate verify|x509:|\btls: |SSL handshake is taking|timed out in state SSL|handshake (?:failed|failure|timed? ?out|operation timed|error|did not complete)|self[- ]signed cert|ERR_TLS|ERR_SSL|UNABLE_TO_(?:VERIFY|GET)|ERR_CERT|CERT_HAS_EXPIRED|DEPTH_ZERO",
    ),
    row(
        Symptom::Tls,
        r"(?i)PKIX path|unable to get (?:local )?issuer|SSL routines|SSL_connect|(?:hostname|certificate|host name).{0,120}doesn't match|(?:remote|server|peer) certificate (?:is|was|verif|could|cannot|does|did|has)|certificate (?:is not|has expired|common name|chain|subject name|problem|is invalid|is expired|unknown|required)|WRONG_VERSION_NUMBER|InvalidCertificate|UnknownIssuer|invalid peer certificate|\bEPROTO\b|SSLException|SSLPeerUnverified|SSLCertVerification|UntrustedRoot|RemoteCertificate|SSL connection could not be established|SSL: [A-Z_]+\]|OpenSSL::SSL::SSLError|schannel|alert (?:handshake|number|protocol)|hostname/ip does not match|(?:does not|doesn't|not) support (?:SSL|TLS)|(?:SSL|TLS) is not enabled on|refused (?:SSL|TLS) connection|SSL is required,? but|gave HTTP response to HTTPS client|before secure TLS connection",
    ),
    // Connections, the more specific patterns first.
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
        r"(?i)MongoSocketOpenException.{0,160}timed out|cURL error 28: failed to connect|curl: \(28\) failed to connect|did not establish a connection|connection timed out after [0-9]+ ?ms: |open TCP connection to .{1,255} \(execution expired\)",
    ),
    row(
        Symptom::Timeout,
        r"(?i)response time-?out \(after|connection timed out after [0-9]+ ?ms\b|APIConnectionTimeoutError|Client\.Timeout|execution expired|timeout of [0-9]+ ?ms exceeded",
    ),
    row(
        Symptom::ReadTimeout,
        r"(?i)(?:could not receive data from server|could not send data to server|SSL SYSCALL error): .{0,12}timed out|read error \(connection timed out|awaiting '(?:response|read)'|read ETIMEDOUT|read timed? ?out|ReadTimeout|read timeout|read operation timed out|ESOCKETTIMEDOUT|HEADERS_TIMEOUT|HeadersTimeout|BODY_TIMEOUT|BodyTimeout|SocketTimeoutException: (?:Read|timeout)|(?:timed out|timeout).{0,60}while reading|(?:awaiting|waiting for) (?:response )?headers|[0-9]+ (?:out of [0-9-]+ )?bytes received|timeout reading|reading from socket|recv(?:from)? (?:timed out|timeout)|read: (?:connection|operation) timed out|Socket read timed out|ServerTimeoutError|SocketTimeoutError|sock_read|Response timeout|timed out (?:while )?(?:waiting for|reading) (?:the |a )?(?:response|data|reply|headers|server)",
    ),
    row(
        Symptom::ReadTimeout,
        r"(?i)timeout awaiting response|read tcp .{0,80}i/o timeout|no response (?:received )?within|Timeout on reading|error while reading from .{1,270}timed out|timed out in state (?:APIVERSION|AUTH)|read\(\) timed out|upstream timed out .{0,60}while reading|first byte timeout|upstream_response_timeout|upstream request timeout|execution timeout expired|reading SSH protocol banner|read error on connection to",
    ),
    row(
        Symptom::ConnectTimeout,
        r"(?i)connect(?:ion)? ?(?:timed? ?|timed?-)out|ConnectTimeout|connect[_ ]timeout(?: error)?\b|connection to .{1,255}? timed out|ETIMEDOUT|CONNECT_TIMEOUT|ConnectionTimeout|connection attempt timed out|Connection timeout|dial(?:ing)? (?:tcp|to).{0,120}(?:i/o timeout|timed? ?out|deadline exceeded)|i/o timeout|connect.{0,80}operation timed out|Errno 110|Errno 60\b|os error 110\b|OpenTimeout|open timeout",
    ),
    row(
        Symptom::ConnectTimeout,
        r"(?i)awaiting '(?:connect|socket)'|can't connect to .{1,255}\(timed out\)|while waiting to connect|failed to connect to .{0,200}(?:after [0-9]+ ?ms(?:$|[^:]|: (?:timeout|connection timed|operation timed))|timed? ?out)|connection timeout expired|timeout expired|timed out while connecting|timed out (?:while )?(?:trying to |attempting to )?(?:connect|establish)|timeout (?:while )?(?:connecting|trying to connect|when connecting)|did not properly respond|without establishing a connection|login timeout|\[110\]|\(110\)|SocketException \(110|connect\(\) timed out|host has failed to respond|within the (?:specified|configured|connect(?:ion)?) timeout|connection attempt failed because|WSAETIMEDOUT|WinError 10060|connection setup timed out|\{connection_timeout\}|connect error: deadline has elapsed|connect error: .{0,60}timed out|cannot connect to .{1,255}: timed out|failed to establish .{0,40}within|ConnectionTimedOut|connect deadline|connect: .{0,20}timed out|:[0-9]+: timed out|returned error (?:110|60)\b|socket is not established|connect[_ ]error:[_ ]*110\b|TNS:connect timeout",
    ),
    row(
        Symptom::Reset,
        r"(?i)ECONNRESET|EPIPE\b|broken pipe|connection(?: was)? reset|reset by (?:peer|server)|connection aborted|software caused connection abort|unexpected end of stream|prematurely reached end|RemoteDisconnected|remote end closed|socket hang ?up|unexpected EOF|\bEOF$|: EOF\b|EOFError(?:: end of file|$)|server closed the connection|server has closed|connection (?:has been |was |is )?(?:forcibly |already |unexpectedly |prematurely )?closed (?:by|before|unexpectedly|prematurely|in the middle|while)|ConnectionReset|ServerDisconnected|IncompleteMessage|other side closed|WinError 10054|broken connection|transfer closed with|EOFException|unexpectedly lost|UND_ERR_SOCKET|terminating connection|gone away|lost connection(?:[^ a-z]|$| (?:to|with|while|during|after|from)\b)",
    ),
    row(
        Symptom::Reset,
        r"(?i)closed by (?:the )?(?:remote|peer|server|foreign)|forcibly closed|premature(?:ly)? (?:end|close)|ConnectionClosedError|closed before we received|NoHttpResponse|failed to respond|empty reply|recv failure|SSL connection has been closed|EOF detected|EOF (?:occurred|while)|connection closed$|Connection terminated unexpectedly|IncompleteRead|ClosedChannel|peer closed connection|GOAWAY|stream (?:was )?reset|RemoteProtocolError|socket (?:was )?closed unexpectedly|ProtocolError.{0,60}aborted|response ended prematurely|Server unexpectedly closed|connection unexpectedly|Error while reading from .{0,80}\(54|ChannelClosed|transport connection.{0,60}closed|os error (?:32|104)\b|Errno (?:32|104)\b|connection[_ ]termination|keepalive failed|network closed for|UNAVAILABLE: connection (?:dropped|closed)|details = \x22Socket closed|reason: :closed|connection already closed|connection is closed\.?$|closed abruptly|channel has already failed|driver: bad connection|\binvalid connection$|client connection lost|bootstrap broker .{1,255} disconnected",
    ),
    // Responses of a service.
    row(
        Symptom::ClockSkew,
        r"(?i)signature expired|RequestTimeTooSkewed|not yet current|is now earlier than|is still later than|difference between the request time|clock[ -]?skew|RequestExpired|RequestInTheFuture|used too (?:early|late)|issued in the future|\biat\b.{0,40}future|token is not yet valid|ahead of (?:the )?server",
    ),
    row(
        Symptom::NoCredentials,
        r"(?i)NoCredential|MissingCredentials|without credentials|CredentialsNotLoaded|no providers in chain provided|unable to (?:locate|load|find|get|retrieve) .{0,20}credentials|could not (?:find|load) .{0,10}credentials|missing credentials|CredentialsProvider|PartialCredentials|TokenRefreshRequired|no EC2 IMDS role|refresh (?:cached )?credentials|get credentials|no (?:valid )?credentials|credentials (?:not found|could not|were not)",
    ),
    row(
        Symptom::Credentials,
        r"(?i)AuthenticationFailed\(|\bORA-01017\b|\b53[05]\b.{0,20}auth|5\.7\.[0-9] authentication required|LDAP: error code 49\b|username or password not allowed|credentials invalid|invalid credentials|credentials .{0,60}(?:not valid|invalid)|ACCESS_REFUSED|login was refused|ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignature|AuthFailure|MissingAuthenticationToken|InvalidToken\b|ExpiredCredentials|FATAL:\s+role .{1,80} does not exist",
    ),
    row(
        Symptom::Credentials,
        r"(?i)security token included in the request|token .{0,60}(?:is |has )expired|(?:password )?authentication failed|access denied for user \\?['\x22]|login failed for user \\?['\x22]|WRONGPASS|NOAUTH|auth(?:entication)? (?:failure|error)\b|401 Unauthorized|http error 401\b|\b(?:status|code|statuscode|status_code|http)[\x22']?[ :=]+(?:code )?401\b|invalid_api_key|incorrect api key|AuthenticationError|invalid api key|invalid x-api-key|invalid_grant|invalid_client\b|invalid (?:access|bearer|auth) token|credentials (?:have|has) expired|\bSSO session .{0,60}expired|InvalidIdentityToken|NotAuthenticated|Unauthenticated|responded (?:with )?401|returned (?:error: )?401|401 Client Error",
    ),
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    row(Symptom::EndpointPolicy, r"(?i)no VPC endpoint policy allows|explicit deny in a VPC endpoint policy"),
    row(
        Symptom::AccessDenied,
        r"(?i)AccessDenied|access denied\b|access to the resource .{1,300} is denied|UnauthorizedOperation|not authorized to perform|explicit deny|403 Forbidden|http error 403\b|AuthorizationError|NotAuthorized\b|ForbiddenException|\bforbidden\b|PERMISSION_DENIED|permission denied for|insufficient(?:_scope| permissions)|with no identity-based policy|\b(?:status|code|statuscode|status_code|http)[\x22']?[ :=]+(?:code )?403\b|403 Client Error|responded (?:with )?403|NotAuthorizedException|AuthorizationException|not authorized|code = PermissionDenied",
    ),
    row(
        Symptom::Throttled,
        r"(?i)throttl(?:ing|ed)|slow ?down|rate exceeded|TooManyRequests|too many requests|429 Too Many|(?:status|code|http)[^0-9]{0,12}429\b|429 client error|http error 429\b|RequestLimitExceeded|ThroughputExceeded|rate[ _-]?limit(?:ed|[ _-]?(?:exceeded|reached|error|hit)|exceptio)|exceeded .{0,40}rate limit|RateLimitError|reached your .{0,20}rate limit|BandwidthLimitExceeded|reduce your request rate|QuotaExceeded|ResourceExhausted|RESOURCE_EXHAUSTED",
    ),
];

/// Successful responses.
const RESPONSES: &[Row] = &[row(
    Symptom::Answered,
    r#"https?://[^ "]{1,255}:[0-9]{2,5} "[A-Z]{3,7} [^"]{0,2000}" [1-5][0-9]{2}\b|HTTP Request: [A-Z]{3,7} https?://[^ ]{1,2000} "HTTP/[0-9.]+ [1-5][0-9]{2}"#,
)];

/// All rows. The first row that matches a line sets its symptom.
fn rows() -> impl Iterator<Item = &'static Row> {
    ROWS.iter().chain(CAUSES).chain(UNSPECIFIC).chain(RESPONSES).chain(NEAR_HOST)
}

/// Whether a row, given by its position in [`rows`], applies only to a line with the host of a server.
fn needs_host(at: usize) -> bool {
    at >= ROWS.len() + CAUSES.len() + UNSPECIFIC.len() + RESPONSES.len()
}

static PATTERNS: LazyLock<Rows> = LazyLock::new(|| Rows::new(rows().map(|row| row.1)));

/// The alternatives in [`PATTERNS`] without limits on the distance between two words; `None` for an alternative without
/// limits. They match a line before its escapes are replaced, which change the distances.
static LOOSE_PATTERNS: LazyLock<Vec<OnceLock<Option<Regex>>>> =
    LazyLock::new(|| PATTERNS.parts().iter().map(|_| OnceLock::new()).collect());

/// Whether an alternative, given by its position in [`PATTERNS`], matches without its limits.
fn is_loose_match(at: usize, part: &Part, line: &[u8]) -> bool {
    let loose = || {
        let pattern = without_limits(part.pattern());
        (pattern != part.pattern()).then(|| ascii(&pattern))
    };
    match LOOSE_PATTERNS.get(at).map(|regex| regex.get_or_init(loose)) {
        Some(Some(regex)) => regex.is_match(line),
        _ => part.is_match(line),
    }
}

fn without_limits(pattern: &str) -> Cow<'_, str> {
    static LIMITS: LazyLock<regex::Regex> =
        LazyLock::new(|| valid(regex::Regex::new(r"\.\{[0-9]+,[0-9]+\}\??|\[\^ \]\{[0-9]+,[0-9]+\}")));
    LIMITS.replace_all(pattern, ".*")
}

/// A configured timeout, which is not a failure: `connect_timeout=60`, `"read_timeout": 60`,
/// `idle_timeout: Some(600s)`.
static SETTING: LazyPattern = LazyPattern::new(
    r#"(?i)(?:(?-u:\b)|[a-z_-])[a-z_.-]*(?:timeout|timed_?out|harakiri|throttl[a-z0-9_]*|retries|rate_?limit)[a-z_]*\\?["']?\s*(?:[:=]|=>|\.{3,})\s*\\?["']?(?:[0-9]|PT|Some\(|None|true|false|null|\{)[^\s,})\]]*|(?-u:\b)(?:using|set|setting|configured with|default) (?:a |an |the )?(?:[a-z-]+ ){0,3}time-?out (?:of |to |is )?[0-9.]+ ?[a-z0-9_]*|\[ERROR\] could not resolve "|(?-u:\b)(?:subject|title|comment|prompt|question|headline|summary)\s*[:=]\s*(?:"[^"]*"|'[^']*')|name resolution(?: delay|:) [0-9.]+ ?m?s[a-z0-9_]*|(?:could not|couldn't|unable to|failed to|cannot|can't) resolve (?:service for type|placeholder|import|module|entry|symbol|dependenc|plugin|reference|type |path |alias|component|all (?:files|artifacts|dependencies))|ERESOLVE could not resolve|(?-i:[A-Za-z]+Timeout(?:MS|Ms|Millis|Seconds|InMillis)\b)|(?-u:\b)(?:proxy|fastcgi|uwsgi|grpc|client|send|keepalive|resolver|lingering)_[a-z_]*timeout [0-9]+[a-z]*;|listener refused the connection with the following error|(?-u:\b)(?:0|none|zero) of (?:the |all )?[0-9]+ [^,;]{0,160}?(?:failed|failing|timed out|refused|unreachable|dropped|down|lost)(?-u:\b)|(?-u:\b)(?:0|no|zero) (?:failed|failures?|errors?|timeouts?|timed out|refused|dropped|lost)(?-u:\b)(?: connections?)?|(?-u:\b)(?:E[A-Z]{5,}|refused|reset|dns|errors?|timeouts?)\\?["']?\s*[:=]\s*0(?-u:\b)"#,
);

/// The path of a request: words in it are not errors.
static PATH: LazyPattern = LazyPattern::new(
    r#"(?P<keep>://[^\s/"'<>]+|\b(?:GET|POST|PUT|HEAD|DELETE|PATCH|OPTIONS) ["']?)/[^\s"'<>)]*"#,
);

/// Whether a line is a Prometheus metric with its value: `http_errors_total{type="timeout"} 3`.
fn is_metric(line: &str) -> bool {
    let Some((name, value)) = line.trim_end().rsplit_once(' ') else { return false };
    let is_name = name.starts_with(|c: char| c.is_ascii_lowercase());
    is_name && value.parse::<f64>().is_ok() && (name.ends_with('}') || !name.contains(' '))
}

/// The symptom that a line shows: the first row that matches.
pub(super) fn symptom(line: &str) -> Option<Symptom> {
    if is_metric(line) {
        return None;
    }
    // The text of a Java exception without a message is not a setting.
    let line = line.replace("Exception: null", "Exception");
    let line = PATH.replace_all(&line, "$keep");
    let line = SETTING.replace_all(&line, "").replace("ssh: handshake failed: ", "ssh: ");
    let at = PATTERNS.first(line.as_bytes())?;
    let symptom = rows().nth(at)?.0?;
    confirmed(symptom, needs_host(at), &line)
}

/// Whether a line can show a symptom. Cheaper than [`symptom`], with more matches: it does not skip settings
/// and paths.
pub(super) fn may_show_symptom(line: &[u8]) -> bool {
    PATTERNS.candidates(line).any(|(at, part)| has_symptom(part) && is_loose_match(at, part, line))
}

/// Whether an alternative belongs to a row with a symptom.
fn has_symptom(part: &Part) -> bool {
    rows().nth(part.row).is_some_and(|row| row.0.is_some())
}

#[cfg(test)]
mod tests {
    use proptest::test_runner::TestRunner;

    use super::super::error_keywords::has_keyword;
    use super::super::shape;
    use super::*;

    #[test]
    fn every_single_pattern_compiles() {
        for pattern in [&SETTING, &PATH] {
            pattern.assert_valid();
        }
    }
    use crate::evidence::patterns::test_support::{matches_of, texts};

    #[test]
    fn every_pattern_compiles() {
        PATTERNS.assert_valid();
    }

    #[test]
    fn no_number_of_a_pattern_is_variable() {
        let mut numbers = 0;
        for pattern in PATTERNS.parts().iter().map(Part::pattern) {
            let mut before = ' ';
            for part in pattern.split_inclusive(|c: char| !c.is_ascii_digit()) {
                let number = part.trim_end_matches(|c: char| !c.is_ascii_digit());
                // A part of a word, or a limit.
                let is_alone = !before.is_ascii_alphanumeric() && !"-,{".contains(before);
                if number.len() > 1 && is_alone {
                    assert_eq!(shape::changed(number), None, "{pattern}");
                    numbers += 1;
                }
                before = part.chars().next_back().unwrap_or(before);
            }
        }
        assert!(numbers > 20, "{numbers}");
    }

    #[test]
    fn a_line_with_a_symptom_can_show_one() {
        for text in texts(PATTERNS.parts().iter().map(Part::pattern)) {
            let first = PATTERNS.first(text.as_bytes());
            let has_symptom = first.and_then(|at| rows().nth(at)?.0).is_some();
            // A line contains no line end.
            assert!(!has_symptom || text.contains('\n') || may_show_symptom(text.as_bytes()), "{text:?}");
        }
    }

    #[test]
    fn every_line_with_a_symptom_contains_a_keyword() {
        let mut runner = TestRunner::deterministic();
        let mut without = Vec::new();
        // The keywords of successful responses contain the two usual ports.
        let is_failure = |part: &&Part| {
            let symptom = rows().nth(part.row).and_then(|row| row.0);
            symptom.is_some_and(|symptom| symptom != Symptom::Answered)
        };
        for part in PATTERNS.parts().iter().filter(is_failure) {
            let texts = matches_of(part.pattern(), &mut runner);
            let is_missed = |text: &String| part.is_match(text.as_bytes()) && !has_keyword(text.as_bytes());
            if texts.iter().any(is_missed) {
                without.push(part.pattern());
            }
        }
        assert_eq!(without, [""; 0], "add keywords to error_keywords.rs");
    }
}
