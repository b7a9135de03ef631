//! Errors of live discovery as a whole. A failure of a single call is a gap, not an error.

/// The reason why nothing could be read from AWS.
#[derive(Debug, thiserror::Error)]
pub enum DiscoverError {
    /// The region chain contains no region.
    #[error("no AWS region: give --region, set AWS_REGION, or set a region in the profile")]
    NoRegion,
    /// The setting with this name is not the URL of an endpoint.
    #[error("{0} is not a valid endpoint URL: use http://HOST:PORT or https://HOST, or leave it out")]
    EndpointUrl(String),
    /// The credential chain contains no credentials, or AWS rejects them.
    #[error(
        "AWS does not accept the credentials ({0}): set AWS_PROFILE or --profile, or log in again with `aws sso login`"
    )]
    Credentials(String),
    /// The endpoint could not be reached.
    #[error("cannot connect to AWS ({0}): check the network, the region and --endpoint-url")]
    Unreachable(String),
}
