//! The cache of list prices: one file for each Region in the platform's cache folder, valid for one day.
//!
//! A file that is missing, damaged, too old, from the future or from another endpoint counts as no prices. An error of a write is
//! ignored: then the next run reads the prices again.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::files::{create_private_dir, read_regular_text, replace_file};
use crate::model::{ListPrices, Region};

/// The age of prices that are read again.
const VALID: SignedDuration = SignedDuration::from_hours(24);
/// The largest file that is read, in bytes.
const LIMIT: u64 = 64 * 1024;

/// The content of a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    region: Region,
    /// The URL that replaces the endpoint of the Price List; `None` for AWS.
    endpoint: Option<String>,
    prices: ListPrices,
}

/// The cache of one Region.
#[derive(Debug)]
pub(super) struct PriceCache {
    folder: PathBuf,
    region: Region,
    endpoint: Option<String>,
}

impl PriceCache {
    /// The cache in the platform's cache folder; `None` if the user has no home directory.
    #[cfg(feature = "live")]
    pub fn of_user(region: &Region, endpoint: Option<String>) -> Option<Self> {
        use etcetera::BaseStrategy as _;
        let base = etcetera::choose_base_strategy().ok()?;
        Some(Self::in_folder(&base.cache_dir().join("egress-doctor"), region, endpoint))
    }

    fn in_folder(folder: &Path, region: &Region, endpoint: Option<String>) -> Self {
        Self { folder: folder.to_owned(), region: region.clone(), endpoint }
    }

    fn file(&self) -> PathBuf {
        // A Region from the command line can contain any character.
        let name: String =
            self.region.as_str().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        self.folder.join(format!("prices-{name}.json"))
    }

    /// The prices, if they are not older than a day.
    pub fn load(&self, now: Timestamp) -> Option<ListPrices> {
        let text = read_regular_text(&self.file(), LIMIT).ok()?;
        let entry: Entry = serde_json::from_str(&text).ok()?;
        let age = now.duration_since(entry.prices.read_at?);
        let is_valid = entry.region == self.region
            && entry.endpoint == self.endpoint
            && age >= SignedDuration::ZERO
            && age < VALID;
        is_valid.then_some(entry.prices)
    }

    /// Replaces the file.
    pub fn save(&self, prices: &ListPrices) {
        // The next run reads the prices again if this fails.
        let _ = self.write(prices);
    }

    fn write(&self, prices: &ListPrices) -> std::io::Result<()> {
        let entry =
            Entry { region: self.region.clone(), endpoint: self.endpoint.clone(), prices: prices.clone() };
        create_private_dir(&self.folder)?;
        replace_file(&self.file(), &serde_json::to_vec(&entry)?, None)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails at the first error")]

    use super::*;

    #[test]
    fn prices_are_valid_for_one_day_in_their_region_and_endpoint() {
        let folder = tempfile::tempdir().unwrap();
        let cache = |region: &str, endpoint: Option<&str>| {
            PriceCache::in_folder(
                &folder.path().join("cache"),
                &Region::from(region),
                endpoint.map(str::to_owned),
            )
        };
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let read_at = Some(at("2026-11-28T10:00:00Z"));
        let prices =
            ListPrices { read_at, nat_gateway_hour: Some("0.045".parse().unwrap()), ..ListPrices::default() };
        let oregon = cache("us-west-2", None);
        assert_eq!(oregon.load(at("2026-11-28T10:00:00Z")), None, "no file");
        oregon.save(&prices);
        assert_eq!(oregon.load(at("2026-11-29T09:59:59Z")), Some(prices));
        assert_eq!(oregon.load(at("2026-11-29T10:00:00Z")), None, "a day old");
        assert_eq!(oregon.load(at("2026-11-28T09:00:00Z")), None, "from the future");
        assert_eq!(cache("us-east-1", None).load(at("2026-11-28T11:00:00Z")), None);
        assert_eq!(cache("us-west-2", Some("http://lab")).load(at("2026-11-28T11:00:00Z")), None);
        std::fs::write(oregon.file(), "{").unwrap();
        assert_eq!(oregon.load(at("2026-11-28T11:00:00Z")), None, "damaged");
    }
}
