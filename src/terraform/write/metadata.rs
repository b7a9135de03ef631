//! Copies owner, mode and extended attributes from one open file to another.

use std::fs::File;
use std::io;

use rustix::fs::{Gid, Mode, Uid};

/// Copies owner, group, extended attributes (with access lists) and mode.
///
/// # Errors
/// An attribute cannot be kept, and [`losses`](super::losses()) does not report it.
pub(super) fn copy(from: &File, to: &File) -> io::Result<()> {
    let (old, new) = (rustix::fs::fstat(from)?, rustix::fs::fstat(to)?);
    // A change of the owner removes mode bits, and an access list changes the mode: the mode comes last.
    if old.st_uid != new.st_uid && can_own(old.st_uid) {
        rustix::fs::fchown(to, Some(Uid::from_raw(old.st_uid)), None)?;
    }
    if old.st_gid != new.st_gid && can_have_group(old.st_gid) {
        rustix::fs::fchown(to, None, Some(Gid::from_raw(old.st_gid)))?;
    }
    copy_attributes(from, to)?;
    // Without the owner or the group, set-user-ID and set-group-ID would apply to other ones.
    let now = rustix::fs::fstat(to)?;
    let is_same = now.st_uid == old.st_uid && now.st_gid == old.st_gid;
    let mode = Mode::from_raw_mode(old.st_mode);
    Ok(rustix::fs::fchmod(to, if is_same { mode } else { mode - (Mode::SUID | Mode::SGID) })?)
}

/// Whether this process can make a file belong to a user.
pub(super) fn can_own(uid: u32) -> bool {
    let own = rustix::process::geteuid();
    own.is_root() || own.as_raw() == uid
}

/// Whether this process can make a file belong to a group.
pub(super) fn can_have_group(gid: u32) -> bool {
    rustix::process::geteuid().is_root()
        || rustix::process::getegid().as_raw() == gid
        || rustix::process::getgroups().is_ok_and(|groups| groups.iter().any(|group| group.as_raw() == gid))
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn copy_attributes(from: &File, to: &File) -> io::Result<()> {
    use rustix::fs::{XattrFlags, fsetxattr};
    for name in attributes(from)? {
        let Some(value) = attribute(from, &name)? else { continue };
        // The kernel gives a new file some attributes, such as the label of SELinux.
        if attribute(to, &name)?.as_ref() == Some(&value) {
            continue;
        }
        match fsetxattr(to, name.as_slice(), &value, XattrFlags::empty()) {
            Err(_) if is_lost(&name) => {}
            set => set?,
        }
    }
    Ok(())
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
#[allow(clippy::unnecessary_wraps, reason = "the same signature as on Linux")]
fn copy_attributes(_: &File, _: &File) -> io::Result<()> {
    Ok(())
}

/// Whether only the administrator can set an extended attribute.
pub(super) fn is_lost(name: &[u8]) -> bool {
    let is_restricted = name.starts_with(b"trusted.") || name.starts_with(b"security.");
    is_restricted && !rustix::process::geteuid().is_root()
}

/// The names of the extended attributes of a file.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
pub(super) fn attributes(file: &File) -> io::Result<Vec<Vec<u8>>> {
    use rustix::io::Errno;
    let mut buffer = vec![0; 65_536];
    let length = match rustix::fs::flistxattr(file, buffer.as_mut_slice()) {
        Err(Errno::NOTSUP | Errno::NOSYS) => 0,
        length => length?,
    };
    let names = buffer.get(..length).unwrap_or_default().split(|byte| *byte == 0);
    Ok(names.filter(|name| !name.is_empty()).map(<[u8]>::to_vec).collect())
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
#[allow(clippy::unnecessary_wraps, reason = "the same signature as on Linux")]
pub(super) fn attributes(_: &File) -> io::Result<Vec<Vec<u8>>> {
    Ok(Vec::new())
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn attribute(file: &File, name: &[u8]) -> io::Result<Option<Vec<u8>>> {
    use rustix::io::Errno;
    let mut buffer = vec![0; 65_536];
    match rustix::fs::fgetxattr(file, name, buffer.as_mut_slice()) {
        Ok(length) => {
            buffer.truncate(length);
            Ok(Some(buffer))
        }
        #[cfg(not(target_vendor = "apple"))]
        Err(Errno::NODATA) => Ok(None),
        #[cfg(target_vendor = "apple")]
        Err(Errno::NOATTR) => Ok(None),
        Err(Errno::NOTSUP) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
