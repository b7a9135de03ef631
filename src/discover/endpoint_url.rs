//! Endpoint URLs that replace the endpoints of AWS, for tests: `--endpoint-url`, `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_EC2`, …
//!
//! Owns which of them counts and whether it is a URL. An empty one counts as not set. Reads no environment by itself.

use super::error::DiscoverError;

/// The variable for all services. With `_` and a service after it, the variable for one service.
#[cfg(any(feature = "live", test))]
const VARIABLE: &str = "AWS_ENDPOINT_URL";

/// The URL of a setting; `None` if it is empty. `name` is the name of the setting.
///
/// # Errors
/// It is not a URL that an endpoint can have.
pub fn endpoint_url(name: &str, value: &str) -> Result<Option<String>, DiscoverError> {
    let url = value.trim();
    if url.is_empty() {
        return Ok(None);
    }
    if is_endpoint_url(url) {
        Ok(Some(url.to_owned()))
    } else {
        Err(DiscoverError::EndpointUrl(name.to_owned()))
    }
}

/// The name and the value of the environment variable that sets the endpoint of a service (`CloudWatch Logs`): the variable of the
/// service, or the variable for all services. An empty variable is not set.
#[cfg(any(feature = "live", test))]
pub(super) fn in_environment(
    service: &str,
    variable: impl Fn(&str) -> Option<String>,
) -> Option<(String, String)> {
    let own = format!("{VARIABLE}_{}", service.to_uppercase().replace(' ', "_"));
    [own, VARIABLE.to_owned()].into_iter().find_map(|name| {
        let value = variable(&name).filter(|value| !value.trim().is_empty())?;
        Some((name, value))
    })
}

/// Whether the text is `http` or `https` with a host, an optional port and an optional path.
fn is_endpoint_url(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let is_http = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let is_host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !host.is_empty()
                && host.chars().all(|c| c.is_ascii_alphanumeric() || ['.', '-', '_'].contains(&c))
        }
    };
    let is_path = path.chars().all(|c| c.is_ascii_graphic() && !"?#<>\"{}|\\^`".contains(c));
    is_http && is_host && is_path && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_url_counts_as_not_set_and_an_invalid_one_gives_one_sentence() {
        let result = |value: &str| endpoint_url("--endpoint-url", value).map_err(|error| error.to_string());
        for empty in ["", "  ", "\n"] {
            assert_eq!(result(empty), Ok(None));
        }
        for url in [
            "http://localhost:4566",
            "HTTPS://vpce-1.ec2.us-east-1.vpce.amazonaws.com/a/b",
            "http://[::1]:80",
        ] {
            assert_eq!(result(url), Ok(Some(url.to_owned())));
        }
        for url in [
            "localhost:4566",
            "http://",
            "http:///path",
            "ftp://localhost",
            "http://user:secret@localhost",
            "http://local host",
            "http://localhost:70000",
            "http://[::x]",
            "http://localhost/?a=b",
            "://",
        ] {
            let expected = "--endpoint-url is not a valid endpoint URL: use http://HOST:PORT or https://HOST, or leave it out";
            assert_eq!(result(url), Err(expected.to_owned()), "{url}");
        }
    }

    #[test]
    fn the_variable_of_the_service_takes_precedence_if_it_is_not_empty() {
        let found = |service: &str, set: &[(&str, &str)]| {
            let variable = |name: &str| {
                set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            };
            in_environment(service, variable).map(|(name, value)| format!("{name}={value}"))
        };
        let both = [("AWS_ENDPOINT_URL", "http://all"), ("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "http://logs")];
        assert_eq!(
            found("CloudWatch Logs", &both).as_deref(),
            Some("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS=http://logs")
        );
        assert_eq!(found("EC2", &both).as_deref(), Some("AWS_ENDPOINT_URL=http://all"));
        let empty = [("AWS_ENDPOINT_URL", "http://all"), ("AWS_ENDPOINT_URL_EC2", "")];
        assert_eq!(found("EC2", &empty).as_deref(), Some("AWS_ENDPOINT_URL=http://all"));
        assert_eq!(found("EC2", &[("AWS_ENDPOINT_URL", " "), ("AWS_ENDPOINT_URL_EC2", "")]), None);
    }
}
