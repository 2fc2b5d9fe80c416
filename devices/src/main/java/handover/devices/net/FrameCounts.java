package handover.devices.net;

/**
 * Traffic of a netdev or switch port, seen from the machine or switch it belongs to.
 *
 * @param framesSent frames handed to the peer
 * @param bytesSent their bytes, framing not counted
 * @param framesReceived frames from the peer
 * @param bytesReceived their bytes
 * @param sendDrops frames not sent: no peer, or a peer too slow
 * @param receiveDrops frames that came but were not wanted: no room, no device, not a frame
 */
public record FrameCounts(
    long framesSent,
    long bytesSent,
    long framesReceived,
    long bytesReceived,
    long sendDrops,
    long receiveDrops) {}
