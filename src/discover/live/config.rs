//! Configures the AWS SDKs: credential chain, region, timeouts, retries and endpoint URLs.

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

use crate::discover::aws_files::{aws_files, ensure_regular};
use crate::discover::endpoint_url::{endpoint_url, in_environment};
use crate::discover::error::DiscoverError;
use crate::discover::request::LiveRequest;

/// The services whose endpoints are used, by the ids of the SDKs.
const SERVICES: [&str; 7] = ["STS", "EC2", "AppRunner", "Route 53", "IAM", "CloudWatch Logs", "Pricing"];
/// The setting of an endpoint URL: variable and key of a profile.
const VARIABLE: &str = "AWS_ENDPOINT_URL";
const PROFILE_KEY: &str = "endpoint_url";
/// A variable that is never set.
const NO_VARIABLE: &str = "EGRESS_DOCTOR_NO_VARIABLE";

/// Loads the configuration by the default chain of the AWS SDK; the fields of `request` override it.
///
/// # Errors
/// An endpoint URL is not a URL, or a file of AWS settings is not a regular file.
pub(super) async fn configure(request: &LiveRequest) -> Result<SdkConfig, DiscoverError> {
    ensure_regular(&aws_files())?;
    // An attempt leaves time for a second one, because an answer can be lost.
    let call = request.limits.call();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(call * 2 / 5)
        .operation_attempt_timeout(call / 2)
        .operation_timeout(call)
        .build();
    // The standard mode waits between attempts: exponential, with jitter
    // (<https://docs.aws.amazon.com/sdk-for-rust/latest/dg/retries.html>).
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .retry_config(RetryConfig::standard().with_max_attempts(4))
        .timeout_config(timeouts);
    if let Some(profile) = &request.profile {
        loader = loader.profile_name(profile);
        if !request.more_profiles.is_empty() {
            // The default chain prefers environment variables, which would be the credentials of all profiles.
            let settings = ProviderConfig::with_default_region().await;
            let own = ProfileFileCredentialsProvider::builder().configure(&settings).profile_name(profile);
            loader = loader.credentials_provider(own.build());
        }
    }
    if let Some(region) = &request.region {
        loader = loader.region(aws_config::Region::new(region.clone()));
    }
    if let Some(url) = &request.endpoint_url {
        return Ok(loader.endpoint_url(url).load().await);
    }
    let sdk_config = loader.load().await;
    let endpoints = ServiceEndpoints(sdk_config.clone());
    for service in SERVICES {
        if let Some((name, url)) = endpoints.of(service) {
            endpoint_url(&name, &url)?;
        }
    }
    Ok(sdk_config.into_builder().service_config(endpoints).build())
}

/// The URL that replaces the endpoint of the Price List, if one is configured.
pub(super) fn pricing_endpoint(config: &SdkConfig) -> Option<String> {
    let key =
        ServiceConfigKey::builder().service_id("Pricing").env(VARIABLE).profile(PROFILE_KEY).build().ok()?;
    let of_service = || config.service_config()?.load_config(key);
    config.endpoint_url().map(str::to_owned).or_else(of_service)
}

/// The endpoint URLs of the services. The SDK fails for an empty URL, which counts as not set here.
#[derive(Debug)]
struct ServiceEndpoints(SdkConfig);

impl ServiceEndpoints {
    /// The setting for a service that is not empty, with its name.
    fn of(&self, service: &str) -> Option<(String, String)> {
        // The SDK returns nothing if no setting exists, or if the configuration says that it is ignored.
        self.setting(service, VARIABLE)?;
        in_environment(service, |name| std::env::var(name).ok()).or_else(|| {
            let url = self.setting(service, NO_VARIABLE).filter(|url| !url.trim().is_empty())?;
            Some((format!("{PROFILE_KEY} of the AWS profile"), url))
        })
    }

    fn setting(&self, service: &str, variable: &str) -> Option<String> {
        let key = ServiceConfigKey::builder()
            .service_id(service)
            .env(variable)
            .profile(PROFILE_KEY)
            .build()
            .ok()?;
        self.0.service_config()?.load_config(key)
    }
}

impl LoadServiceConfig for ServiceEndpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        if key.env() == VARIABLE {
            return self.of(key.service_id()).map(|(_, url)| url.trim().to_owned());
        }
        self.0.service_config()?.load_config(key)
    }
}
