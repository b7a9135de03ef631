//! The hosts in the environment variables of a service. Only names of variables and hosts are kept, never
//! values.
//!
//! A value contains hosts if it is a URL, a connection string or a host name ([`super::value`]), or an ARN.
//! The variable's name can show that the value is a bucket, a table, a queue, a model or the id of a user
//! pool. Other values of variables with the name of a secret are ignored.

use std::collections::BTreeMap;

use super::catalogue::is_region;
use super::secret_names::{is_secret_name, words};
use super::value::hosts;

/// The name of a variable, and the hosts in its value as `host` or `host:port`.
pub type NamedHosts = (String, Vec<String>);

/// Parts of the names of variables whose hosts the service does not call: allow-lists of callers, proxy
/// exceptions, its own host name.
const NOT_CALLED: &[&str] =
    &["ALLOWED_HOST", "ALLOWED_ORIGIN", "TRUSTED_ORIGIN", "CORS", "NO_PROXY", "USER_AGENT", "VIRTUAL_HOST"];
/// Last words of the names of variables whose values are hosts in any form.
const HOST_WORDS: &[&str] = &[
    "host",
    "hosts",
    "hostname",
    "endpoint",
    "endpoints",
    "url",
    "urls",
    "uri",
    "server",
    "servers",
    "address",
    "addr",
    "domain",
    "broker",
    "brokers",
    "node",
    "nodes",
];
/// Values that are switches or placeholders, not names of resources.
const SWITCHES: &[&str] = &["true", "false", "yes", "no", "on", "off", "default", "none", "null", "auto"];
/// Default ports by parts of names.
const PORTS: &[(&[&str], u16)] = &[
    (&["PGHOST", "POSTGRES", "PG_"], 5432),
    (&["MYSQL", "MARIADB"], 3306),
    (&["REDIS", "VALKEY"], 6379),
    (&["MONGO", "DOCDB", "DOCUMENTDB"], 27017),
    (&["KAFKA"], 9092),
    (&["RABBIT", "AMQP"], 5672),
    (&["MEMCACHE"], 11211),
    (&["SMTP"], 587),
    (&["LDAP"], 389),
    (&["NATS"], 4222),
];

/// Providers of Bedrock models. A model id begins with its provider.
const MODEL_PROVIDERS: &[&str] = &[
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

/// Services by their name in ARNs, with the host of the API that an application calls for such a resource.
const API_BY_ARN_SERVICE: &[(&str, &str)] = &[
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

/// The hosts in the plain environment variables of a service, in the order of the variables' names. `region`
/// is the service's region.
#[must_use]
pub fn hosts_in_variables(variables: &BTreeMap<String, String>, region: &str) -> Vec<NamedHosts> {
    let settings = Variables { variables, region };
    variables.iter().map(|(name, value)| (name.clone(), settings.hosts(name, value))).collect()
}

struct Variables<'a> {
    variables: &'a BTreeMap<String, String>,
    region: &'a str,
}

impl Variables<'_> {
    fn hosts(&self, name: &str, value: &str) -> Vec<String> {
        let upper = name.to_ascii_uppercase();
        let value = value.trim();
        if let Some(arn) = value.strip_prefix("arn:") {
            return self.by_arn(arn).into_iter().collect();
        }
        if let Some(bucket) = value.strip_prefix("s3://") {
            return bucket.split('/').next().and_then(|bucket| self.bucket(bucket)).into_iter().collect();
        }
        let is_switch =
            SWITCHES.contains(&value.to_ascii_lowercase().as_str()) || value.parse::<f64>().is_ok();
        if value.is_empty() || is_switch || NOT_CALLED.iter().any(|word| upper.contains(word)) {
            return Vec::new();
        }
        if let Some(host) = self.by_name(&upper, value) {
            return vec![host];
        }
        if is_secret_name(name) {
            return Vec::new();
        }
        let is_host = words(name).last().is_some_and(|last| HOST_WORDS.contains(&last.as_str()))
            || upper.ends_with("HOST");
        let found = hosts(value, is_host);
        let port = self.port_variable(&upper).or_else(|| self.default_port(&upper, found.first()?));
        match (found.as_slice(), port) {
            ([host], Some(port)) if !host.contains(':') && !value.contains("://") => {
                vec![format!("{host}:{port}")]
            }
            _ => found,
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
        let (_, api) = API_BY_ARN_SERVICE.iter().find(|(id, _)| *id == service)?;
        Some(format!("{api}.{region}.amazonaws.com"))
    }

    fn bucket(&self, bucket: &str) -> Option<String> {
        let region = self.region_of(&["S3", "BUCKET"]);
        let plausible = (3..=63).contains(&bucket.len())
            && bucket.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.')
            && bucket.starts_with(|c: char| c.is_ascii_alphanumeric());
        // The wildcard certificate does not cover a bucket name with dots, so clients put the bucket name
        // into the path.
        plausible.then(|| {
            if bucket.contains('.') {
                format!("s3.{region}.amazonaws.com")
            } else {
                format!("{bucket}.s3.{region}.amazonaws.com")
            }
        })
    }

    /// The region that a variable sets for one AWS service (`BEDROCK_REGION`) or for all; otherwise the
    /// region of this service.
    fn region_of(&self, services: &[&str]) -> &str {
        let value = |is_match: &dyn Fn(&str) -> bool| {
            let found = self.variables.iter().find(|(name, value)| {
                let name = name.to_ascii_uppercase();
                name.contains("REGION") && is_match(&name) && is_region(value.trim())
            });
            found.map(|(_, value)| value.trim())
        };
        value(&|name| services.iter().any(|word| name.contains(word)))
            .or_else(|| value(&|name| name == "AWS_REGION"))
            .or_else(|| value(&|name| name == "AWS_DEFAULT_REGION"))
            .unwrap_or(self.region)
    }

    /// The host of the API for the resource in the value. The variable's name shows the kind of resource.
    fn by_name(&self, name: &str, value: &str) -> Option<String> {
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        let is_word = value.len() <= 2048 && !value.contains([' ', '@', '?', '=']) && !value.contains("://");
        if !is_word {
            return None;
        }
        let api = |api: &str, words: &[&str]| Some(format!("{api}.{}.amazonaws.com", self.region_of(words)));
        let other =
            ["PREFIX", "REGION", "PATH", "URL", "ENDPOINT", "POLICY", "LIMIT", "TOKEN_BUCKET", "SIZE", "TTL"];
        if has(&["BUCKET"]) && !has(&other) {
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
            || (name.ends_with("SECRET_ID") && !has(&["VAULT"]))
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

    /// The default port, if neither the value nor another variable sets one.
    fn default_port(&self, name: &str, host: &str) -> Option<u16> {
        let by_name = || PORTS.iter().find(|(words, _)| words.iter().any(|word| name.contains(word)));
        if host.ends_with(".rds.amazonaws.com") {
            // PostgreSQL unless a variable mentions MySQL: the host name does not show the engine.
            let mentions_mysql = |text: &str| {
                let text = text.to_ascii_lowercase();
                text.contains("mysql") || text.contains("mariadb")
            };
            let is_mysql =
                self.variables.iter().any(|(name, value)| mentions_mysql(name) || mentions_mysql(value));
            return Some(if is_mysql { 3306 } else { 5432 });
        }
        let ends: [(&str, u16); 4] = [
            (".cache.amazonaws.com", 6379),
            (".docdb.amazonaws.com", 27017),
            (".redshift.amazonaws.com", 5439),
            (".redshift-serverless.amazonaws.com", 5439),
        ];
        ends.iter()
            .find(|(end, _)| host.ends_with(end))
            .map(|(_, port)| *port)
            .or_else(|| by_name().map(|(_, port)| *port))
    }

    /// The port in the variable that belongs to a host variable: `DB_PORT` for `DB_HOST`.
    fn port_variable(&self, name: &str) -> Option<u16> {
        let stem = ["HOSTNAME", "HOST", "SERVER", "ADDRESS", "ENDPOINT"]
            .iter()
            .find_map(|end| name.strip_suffix(end))?;
        let (_, port) =
            self.variables.iter().find(|(other, _)| other.to_ascii_uppercase() == format!("{stem}PORT"))?;
        port.trim().parse().ok().filter(|port| *port > 0 && *port != 443)
    }
}

/// Whether a value is a Bedrock model id: `anthropic.claude-3-…`, with or without the geography of an
/// inference profile.
fn is_model(value: &str) -> bool {
    let mut labels = value.split('.');
    let first = labels.next().unwrap_or_default();
    let provider = if ["us", "eu", "apac", "ap", "jp", "au", "ca", "global", "us-gov"].contains(&first) {
        labels.next()
    } else {
        Some(first)
    };
    provider.is_some_and(|provider| MODEL_PROVIDERS.contains(&provider))
        && labels.next().is_some_and(|name| name.contains('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_variable_shows_what_its_value_is() {
        let settings = [
            ("AWS_REGION", "us-west-2"),
            ("BEDROCK_MODEL_ID", "us.anthropic.claude-sonnet-4-20250514-v1:0"),
            ("BEDROCK_REGION", "us-east-1"),
            ("CACHE_HOST", "cache.abc.usw2.cache.amazonaws.com"),
            ("CACHE_PORT", "6379"),
            ("COGNITO_USER_POOL_ID", "us-west-2_aBcDeF"),
            ("ALLOWED_HOSTS", "bond.example.com"),
            ("BUCKET_ENABLED", "true"),
            ("DB_HOST", "db.abc.us-west-2.rds.amazonaws.com"),
            ("DB_PASS", "db.example.org"),
            ("DB_PASSWORD", "db.example.org"),
            ("JWT_SECRET", "Hunter2.SuperSecret.com"),
            ("MEDIA", "s3://bond-media/in"),
            ("OAUTH_TOKEN_URL", "https://auth.example.org/token"),
            ("PGHOST", "pg.example.org"),
            ("USE_SECRETS_MANAGER", "false"),
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
        let found: Vec<String> = hosts_in_variables(&variables, "us-west-2")
            .into_iter()
            .filter(|(_, hosts)| !hosts.is_empty())
            .map(|(name, hosts)| format!("{name} {}", hosts.join(" ")))
            .collect();
        assert_eq!(
            found,
            [
                "BEDROCK_MODEL_ID bedrock-runtime.us-east-1.amazonaws.com",
                "CACHE_HOST cache.abc.usw2.cache.amazonaws.com:6379",
                "COGNITO_USER_POOL_ID cognito-idp.us-west-2.amazonaws.com",
                "DB_HOST db.abc.us-west-2.rds.amazonaws.com:5432",
                "DYNAMODB_TABLE dynamodb.us-west-2.amazonaws.com",
                "EVENTS_QUEUE sqs.us-west-2.amazonaws.com",
                "FILES_BUCKET bond-files.s3.us-west-2.amazonaws.com",
                "KB bedrock-runtime.us-east-1.amazonaws.com",
                "MEDIA bond-media.s3.us-west-2.amazonaws.com",
                "OAUTH_TOKEN_URL auth.example.org",
                "OKTA_SECRET_NAME secretsmanager.us-west-2.amazonaws.com",
                "PGHOST pg.example.org:5432",
                "UPLOADS bond-uploads.s3.us-west-2.amazonaws.com",
            ]
        );
    }
}
