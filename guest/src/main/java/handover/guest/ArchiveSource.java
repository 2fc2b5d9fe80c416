package handover.guest;

/**
 * A Debian archive as the host's package sources name it.
 *
 * @param uri where the archive's {@code dists} folder is
 * @param signedBy what the host trusts it with: a keyring file, or a key in deb822 form; empty for
 *     apt's own default
 */
record ArchiveSource(String uri, String signedBy) {}
