//! Optional fields of a saved snapshot: a field with its default value is not written.

/// Whether a field has its default value.
pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
