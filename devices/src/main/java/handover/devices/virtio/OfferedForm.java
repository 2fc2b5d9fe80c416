package handover.devices.virtio;

import handover.vmstate.StateDeclaration;
import java.util.function.Function;

/**
 * A kind of virtio device as a declaration and a blank state, for who has the groups that one sent
 * but not the device.
 *
 * @param declaration its groups and their fields
 * @param blank a state as after a reset, of the shape that an offer tells
 */
public record OfferedForm<S extends VirtioState>(
    StateDeclaration<S> declaration, Function<OfferedLife, S> blank) {}
