//! Reads a service's settings for the hosts they name. Values are looked at here and go nowhere else: what is kept is a
//! variable's name and the hosts.
//!
//! A value names hosts when it is a URL, a connection string, an ARN or a host name; or, by the variable's name, when it is a
//! bucket, a table, a queue, a model, the id of a user pool. Secrets' values are not looked at.

use std::collections::BTreeMap;

use super::catalogue::is_region;
use super::host::destination;
use super::log::is_no_domain;

/// A variable's name with the hosts that its value names, `host` or `host:port`.
pub type NamedHosts = (String, Vec<String>);

/// Names of variables whose values are secrets themselves.
const SECRET: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "TOKEN",
    "PRIVATE_KEY",
    "API_KEY",
    "APIKEY",
    "ACCESS_KEY",
    "SIGNING_KEY",
];

/// The makers of models that Bedrock runs, as the ids of models begin.
const MODEL_MAKERS: &[&str] = &[
    "anthropic",
    "amazon",
    "meta",
    "mistral",
    "cohere",
    "ai21",
    "stability",
    "deepseek",
    "openai",
    "qwen",
    "writer",
    "luma",
    "twelvelabs",
];

/// Services whose ARNs name what an application calls by the service's API, with the API's host.
const BY_ARN: &[(&str, &str)] = &[
    ("secretsmanager", "secretsmanager"),
    ("ssm", "ssm"),
    ("kms", "kms"),
    ("sqs", "sqs"),
    ("sns", "sns"),
    ("dynamodb", "dynamodb"),
    ("kinesis", "kinesis"),
    ("firehose", "firehose"),
    ("lambda", "lambda"),
    ("states", "states"),
    ("events", "events"),
    ("scheduler", "scheduler"),
    ("bedrock", "bedrock-runtime"),
    ("logs", "logs"),
    ("cognito-idp", "cognito-idp"),
    ("sagemaker", "runtime.sagemaker"),
    ("athena", "athena"),
    ("glue", "glue"),
    ("textract", "textract"),
];

/// The hosts that a service's plain variables name, in the order of their names. `region` is the service's own.
#[must_use]
pub fn hosts_in_settings(variables: &BTreeMap<String, String>, region: &str) -> Vec<NamedHosts> {
    let settings = Settings { variables, region };
    variables.iter().map(|(name, value)| (name.clone(), settings.hosts(name, value))).collect()
}

/// The hosts that a value names by itself: of a URL or connection string, or a bare host name.
#[must_use]
pub fn hosts_in_value(value: &str) -> Vec<String> {
    let value = value.trim();
    if let Some(host) = in_pairs(value) {
        return vec![host];
    }
    value.split([',', ' ', ';']).filter_map(host).collect()
}

struct Settings<'a> {
    variables: &'a BTreeMap<String, String>,
    region: &'a str,
}

impl Settings<'_> {
    fn hosts(&self, name: &str, value: &str) -> Vec<String> {
        let upper = name.to_ascii_uppercase();
        let value = value.trim();
        if value.is_empty() || SECRET.iter().any(|word| upper.contains(word)) {
            return Vec::new();
        }
        if let Some(arn) = value.strip_prefix("arn:") {
            return self.by_arn(arn).into_iter().collect();
        }
        if let Some(host) = self.by_name(&upper, value) {
            return vec![host];
        }
        let hosts = hosts_in_value(value);
        match (hosts.as_slice(), self.port_beside(&upper)) {
            ([one], Some(port)) if !one.contains(':') && !value.contains("://") => {
                vec![format!("{one}:{port}")]
            }
            _ => hosts,
        }
    }

    /// `arn:aws:s3:::bucket/key`, `arn:aws:sqs:us-west-2:123456789012:queue`.
    fn by_arn(&self, arn: &str) -> Option<String> {
        let mut parts = arn.splitn(5, ':').skip(1);
        let (service, region) = (parts.next()?, parts.next()?);
        let region = if region.is_empty() { self.region } else { region };
        if !is_region(region) {
            return None;
        }
        if service == "s3" {
            let bucket = parts.nth(1)?.split(['/', '*']).next()?;
            return self.bucket(bucket);
        }
        let (_, api) = BY_ARN.iter().find(|(id, _)| *id == service)?;
        Some(format!("{api}.{region}.amazonaws.com"))
    }

    fn bucket(&self, bucket: &str) -> Option<String> {
        let region = self.region_of(&["S3", "BUCKET"]);
        let plausible = (3..=63).contains(&bucket.len())
            && bucket.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.')
            && bucket.starts_with(|c: char| c.is_ascii_alphanumeric());
        // A name with dots fits no wildcard certificate: clients put it into the path.
        plausible.then(|| {
            if bucket.contains('.') {
                format!("s3.{region}.amazonaws.com")
            } else {
                format!("{bucket}.s3.{region}.amazonaws.com")
            }
        })
    }

    /// The region that a variable sets for some service (`BEDROCK_REGION`), or for all, or the service's own.
    fn region_of(&self, of: &[&str]) -> &str {
        let value = |wanted: &dyn Fn(&str) -> bool| {
            let found = self.variables.iter().find(|(name, value)| {
                let name = name.to_ascii_uppercase();
                name.contains("REGION") && wanted(&name) && is_region(value.trim())
            });
            found.map(|(_, value)| value.trim())
        };
        value(&|name| of.iter().any(|word| name.contains(word)))
            .or_else(|| value(&|name| name == "AWS_REGION"))
            .or_else(|| value(&|name| name == "AWS_DEFAULT_REGION"))
            .unwrap_or(self.region)
    }

    /// What the variable's name says that a bare value is.
    fn by_name(&self, name: &str, value: &str) -> Option<String> {
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        let is_word = value.len() <= 2048 && !value.contains([' ', '@', '?', '=']) && !value.contains("://");
        if !is_word {
            return None;
        }
        let api = |api: &str, words: &[&str]| Some(format!("{api}.{}.amazonaws.com", self.region_of(words)));
        if has(&["BUCKET"]) && !has(&["PREFIX", "REGION", "PATH", "URL", "ENDPOINT", "POLICY"]) {
            return self.bucket(value);
        }
        let (region, pool) = value.split_once('_').unwrap_or_default();
        if has(&["USER_POOL", "USERPOOL", "COGNITO"]) && is_region(region) && !pool.is_empty() {
            return Some(format!("cognito-idp.{region}.amazonaws.com"));
        }
        if is_model(value) {
            return api("bedrock-runtime", &["BEDROCK"]);
        }
        if has(&["KNOWLEDGE_BASE_ID", "BEDROCK_AGENT"]) {
            return api("bedrock-agent-runtime", &["BEDROCK"]);
        }
        if has(&["REGION", "ENDPOINT", "HOST", "URL", "ENABLE", "TIMEOUT", "PORT"]) {
            return None;
        }
        if has(&["DYNAMO", "DDB"]) && has(&["TABLE"]) {
            return api("dynamodb", &["DYNAMO", "DDB"]);
        }
        if name.ends_with("SECRET_NAME")
            || name.ends_with("SECRET_ID")
            || name.ends_with("SECRETS_NAME")
            || has(&["SECRETSMANAGER", "SECRETS_MANAGER"])
        {
            return api("secretsmanager", &["SECRET"]);
        }
        if value.starts_with('/') && has(&["SSM", "PARAMETER"]) {
            return api("ssm", &["SSM", "PARAMETER"]);
        }
        if has(&["KMS"]) && (value.starts_with("alias/") || has(&["KEY_ID"])) {
            return api("kms", &["KMS"]);
        }
        if has(&["SQS"]) && has(&["QUEUE"]) {
            return api("sqs", &["SQS"]);
        }
        None
    }

    /// `DB_PORT` beside `DB_HOST`.
    fn port_beside(&self, name: &str) -> Option<u16> {
        let stem = ["HOSTNAME", "HOST", "SERVER", "ADDRESS", "ENDPOINT"]
            .iter()
            .find_map(|end| name.strip_suffix(end))?;
        let (_, port) =
            self.variables.iter().find(|(other, _)| other.to_ascii_uppercase() == format!("{stem}PORT"))?;
        port.trim().parse().ok().filter(|port| *port > 0 && *port != 443)
    }
}

/// `anthropic.claude-3-…`, with or without the geography of an inference profile.
fn is_model(value: &str) -> bool {
    let mut labels = value.split('.');
    let first = labels.next().unwrap_or_default();
    let maker = if ["us", "eu", "apac", "ap", "jp", "au", "ca", "global", "us-gov"].contains(&first) {
        labels.next()
    } else {
        Some(first)
    };
    maker.is_some_and(|maker| MODEL_MAKERS.contains(&maker))
        && labels.next().is_some_and(|name| name.contains('-'))
}

/// The host of `Server=tcp:db.example.org,1433;Password=…` and of `host=db port=5432 password=…`.
fn in_pairs(value: &str) -> Option<String> {
    let by = |separator: char| -> Option<BTreeMap<String, &str>> {
        let pairs = value.split(separator).filter(|pair| !pair.trim().is_empty());
        pairs
            .map(|pair| {
                pair.split_once('=').map(|(key, value)| (key.trim().to_ascii_lowercase(), value.trim()))
            })
            .collect()
    };
    let pairs =
        by(';').filter(|pairs| pairs.len() > 1).or_else(|| by(' ').filter(|pairs| pairs.len() > 1))?;
    let given = |keys: &[&str]| keys.iter().find_map(|key| pairs.get(*key).copied());
    let server = given(&["host", "server", "data source", "hostname", "addr", "address", "hostaddr"])?;
    let server = server.trim_matches(['\'', '"']).trim_start_matches("tcp:");
    let (server, port) = server
        .split_once([',', ':'])
        .map_or((server, given(&["port"])), |(server, port)| (server, Some(port)));
    let found =
        destination(&port.map_or_else(|| server.to_owned(), |port| format!("{server}:{port}"))).ok()?;
    let protocol =
        if pairs.contains_key("data source") || value.to_ascii_lowercase().contains("initial catalog") {
            1433
        } else {
            5432
        };
    let port = port.map_or(protocol, |_| found.port);
    Some(format!("{}:{port}", found.host))
}

fn host(text: &str) -> Option<String> {
    // `jdbc:postgresql://db:5432/app`
    let text = text.strip_prefix("jdbc:").unwrap_or(text);
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    if scheme.is_some_and(|scheme| ["s3", "file", "unix", "sqlite"].contains(&scheme)) {
        let bucket = text.strip_prefix("s3://")?.split('/').next()?;
        return destination(&format!("{bucket}.s3.amazonaws.com")).ok().map(|found| found.host);
    }
    let found = destination(text).ok()?;
    let last = found.host.rsplit('.').next().unwrap_or_default();
    let is_name = found.host.contains('.')
        && last.len() >= 2
        && last.bytes().all(|byte| byte.is_ascii_alphabetic())
        && !is_no_domain(last)
        && !["py", "rs", "sh", "so"].contains(&last);
    let plausible = scheme.is_some()
        || (is_name && !text.contains('/'))
        || (is_name && text.contains('/') && known(&found.host));
    plausible.then(|| match found.port {
        443 => found.host,
        port => format!("{}:{port}", found.host),
    })
}

/// Whether a path may follow the host without a scheme: an AWS host, as of an image.
fn known(host: &str) -> bool {
    destination(host).is_ok_and(|found| found.aws().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_taken_and_secrets_left() {
        let hosts = |value: &str| hosts_in_value(value).join(" ");
        assert_eq!(
            hosts("https://secretsmanager.us-west-2.amazonaws.com/x?token=s3cr3t"),
            "secretsmanager.us-west-2.amazonaws.com"
        );
        assert_eq!(
            hosts("postgres://bond:p4ss@db.abc.us-west-2.rds.amazonaws.com:5432/bond"),
            "db.abc.us-west-2.rds.amazonaws.com:5432"
        );
        assert_eq!(hosts("jdbc:mysql://db.internal/app?password=x"), "db.internal:3306");
        assert_eq!(hosts("host=db.internal port=5433 user=a password=s3cr3t.example"), "db.internal:5433");
        assert_eq!(hosts("Server=tcp:sql.example.org,1433;User Id=a;Password=p;w"), "");
        assert_eq!(
            hosts("Server=tcp:sql.example.org,1433;User Id=a;Password=p.example.com"),
            "sql.example.org:1433"
        );
        assert_eq!(hosts("a.example.org:9092,b.example.org:9092"), "a.example.org:9092 b.example.org:9092");
        assert_eq!(hosts("bond.okta.com"), "bond.okta.com");
        for nothing in [
            "",
            "true",
            "AKIAIOSFODNN7EXAMPLE",
            "1.2.3",
            "main.py",
            "eyJhbGciOi.JIUzI1Ni",
            "debug",
            "application/json",
            "a/b.c",
        ] {
            assert_eq!(hosts(nothing), "", "{nothing}");
        }
    }

    #[test]
    fn a_variables_name_says_what_its_value_is() {
        let settings = [
            ("AWS_REGION", "us-west-2"),
            ("BEDROCK_MODEL_ID", "us.anthropic.claude-sonnet-4-20250514-v1:0"),
            ("BEDROCK_REGION", "us-east-1"),
            ("CACHE_HOST", "cache.abc.usw2.cache.amazonaws.com"),
            ("CACHE_PORT", "6379"),
            ("COGNITO_USER_POOL_ID", "us-west-2_aBcDeF"),
            ("DB_PASSWORD", "db.example.org"),
            ("DYNAMODB_TABLE", "sessions"),
            ("EVENTS_QUEUE", "https://sqs.us-west-2.amazonaws.com/123456789012/events"),
            ("FILES_BUCKET", "bond-files"),
            ("KB", "arn:aws:bedrock:us-east-1:123456789012:knowledge-base/X"),
            ("LOG_LEVEL", "debug"),
            ("OKTA_SECRET_NAME", "prod/okta"),
            ("STRIPE_API_KEY", "sk_live_abc.example.com"),
            ("UPLOADS", "arn:aws:s3:::bond-uploads/in/*"),
            ("WEB_CONCURRENCY", "4"),
        ];
        let variables = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let told: Vec<String> = hosts_in_settings(&variables, "us-west-2")
            .into_iter()
            .filter(|(_, hosts)| !hosts.is_empty())
            .map(|(name, hosts)| format!("{name} {}", hosts.join(" ")))
            .collect();
        assert_eq!(
            told,
            [
                "BEDROCK_MODEL_ID bedrock-runtime.us-east-1.amazonaws.com",
                "CACHE_HOST cache.abc.usw2.cache.amazonaws.com:6379",
                "COGNITO_USER_POOL_ID cognito-idp.us-west-2.amazonaws.com",
                "DYNAMODB_TABLE dynamodb.us-west-2.amazonaws.com",
                "EVENTS_QUEUE sqs.us-west-2.amazonaws.com",
                "FILES_BUCKET bond-files.s3.us-west-2.amazonaws.com",
                "KB bedrock-runtime.us-east-1.amazonaws.com",
                "OKTA_SECRET_NAME secretsmanager.us-west-2.amazonaws.com",
                "UPLOADS bond-uploads.s3.us-west-2.amazonaws.com",
            ]
        );
    }
}
