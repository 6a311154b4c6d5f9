"""Finds out whether a path lies on a network file system, where SQLite's WAL and flock do not hold."""

from pathlib import Path

NETWORK = {"nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "afs", "ncpfs", "ceph", "glusterfs", "lustre", "beegfs"} | {
    f"fuse.{name}" for name in ("sshfs", "davfs", "rclone", "s3fs", "ceph", "glusterfs")
}
MOUNTS = Path("/proc/mounts")


def file_system_of(path: Path, mounts: str) -> str:
    """The type of the file system that holds `path`, by a text in the format of /proc/mounts; "" when unknown."""
    best, kind = Path(), ""
    for line in mounts.splitlines():
        fields = line.split()
        point = Path(fields[1].replace("\\040", " "))
        if path.is_relative_to(point) and len(point.parts) >= len(best.parts):
            best, kind = point, fields[2]
    return kind


def network_file_system_of(path: Path) -> str:
    """The type of the network file system that holds `path`; "" for a local disk, or when nobody can tell."""
    if not MOUNTS.exists():
        return ""
    kind = file_system_of(path.resolve(), MOUNTS.read_text())
    return kind if kind in NETWORK else ""
