#pragma once

namespace sluice {

/// How many descriptors this process may hold.
int descriptorLimit();

/// Raises that limit as far as this user may, to `kWantedDescriptors` at most. Children get the old one back:
/// some programs still index arrays by descriptor, and a limit that was set for them stays in force.
/// @thread before others exist
/// @return the limit
int raiseDescriptorLimit();
inline constexpr int kWantedDescriptors = 65'536;
/// With fewer an engine could not answer its owner.
inline constexpr int kLeastDescriptors = 128;

/// Undoes raiseDescriptorLimit() in a child. Between fork and exec: async-signal-safe.
void giveBackDescriptorLimit();

/// A descriptor that becomes readable at SIGTERM and SIGINT: they are events of the loop then. To be called
/// before any thread exists, so that all inherit that the signals are blocked.
int endSignalDescriptor();

}  // namespace sluice
