package handover.devices.vhost;

import java.nio.file.Path;

/**
 * A {@code -chardev socket} as a vhost-user netdev uses it.
 *
 * @param id its name
 * @param path the Unix socket
 * @param server whether we listen
 * @param reconnectMillis delay between attempts to connect again; 0 for none
 */
public record VhostSocket(String id, Path path, boolean server, int reconnectMillis) {}
