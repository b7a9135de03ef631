//! Enums for AWS's text values. A value that this version does not support is kept as text.
//!
//! A value is read without regard to case, and a saved snapshot contains it as AWS writes it.

macro_rules! open_enum {
    (
        $(#[$doc:meta])*
        $name:ident {
            $($(#[$variant_doc:meta])* $variant:ident => $text:literal $(or $alias:literal)?,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(
            Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, strum::Display, strum::EnumString,
        )]
        #[strum(ascii_case_insensitive)]
        pub enum $name {
            $(
                $(#[$variant_doc])*
                #[strum(to_string = $text $(, serialize = $alias)?)]
                $variant,
            )+
            /// The answer of AWS has no value.
            #[default]
            #[strum(to_string = "")]
            Unspecified,
            /// A value that this version does not support, as AWS wrote it.
            #[strum(default)]
            Other(String),
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                Ok(Self::from(text.as_str()))
            }
        }
    };
}

pub(super) use open_enum;

#[cfg(test)]
mod tests {
    use crate::model::{EndpointState, InterfaceKind, ServiceStatus};

    /// A value as text: read, then written.
    fn written<T: for<'a> From<&'a str> + ToString>(text: &str) -> String {
        T::from(text).to_string()
    }

    #[test]
    fn values_are_written_as_aws_writes_them_and_unknown_ones_are_kept() {
        for text in ["available", "pendingAcceptance", "", "a state of tomorrow"] {
            assert_eq!(written::<EndpointState>(text), text);
        }
        assert_eq!(ServiceStatus::from("running"), ServiceStatus::Running);
        assert_eq!(ServiceStatus::from("HIBERNATING"), ServiceStatus::Other("HIBERNATING".to_owned()));
        assert_eq!(InterfaceKind::from("natGateway"), InterfaceKind::NatGateway);
        assert_eq!(written::<InterfaceKind>("nat_gateway"), "nat_gateway");
    }
}
