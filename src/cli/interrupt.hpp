#pragma once
// SIGINT and SIGTERM as a request to finish: a flag to ask and a descriptor to wait on.

namespace comem::cli::interrupt {

/// Takes over both signals. The first one is a request; a second one ends the program at once, as is usual.
/// Also ignores SIGPIPE, so that a reader that went away is an error of the write.
void install();
bool requested() noexcept;
/// Throws operation_aborted, as an interrupted call does, once requested.
void check();
/// Readable once requested, and for ever after. Not to be read from.
int descriptor() noexcept;

}  // namespace comem::cli::interrupt
