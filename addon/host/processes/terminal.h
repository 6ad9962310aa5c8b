// The user's terminal and the container's, while `run` or `exec` is in the foreground.
#pragma once

#include <poll.h>
#include <termios.h>

#include "copying.h"

namespace pocker::host {

/// Gives that master's terminal the size of ours, whichever of descriptors 0 to 2 is a terminal.
void copy_window_size(int master);

/// Clears ONLCR: line ends arrive as the program writes them, and our own terminal adds the carriage returns.
void leave_line_ends(int master);

/// Keeps our own terminal in raw mode during its lifetime: the container's terminal does the line editing. Output processing
/// stays on where the container's terminal leaves it to ours (leave_line_ends).
class RawTerminal {
public:
  enum class Output { processed, raw };
  explicit RawTerminal(bool wanted, Output output = Output::processed);
  ~RawTerminal();
  RawTerminal(const RawTerminal &) = delete;
  RawTerminal &operator=(const RawTerminal &) = delete;
  /// Again: a shell that had stopped us has set its own modes.
  void enter() const;

private:
  termios before_{};
  Output output_;
  bool active_;
};

/// Copies standard input to the master, and the master to standard output.
class TerminalCopying {
public:
  static constexpr int polled = 3;

  /// Closes the master at the end; -1: there is nothing to copy.
  explicit TerminalCopying(int master);
  /// What to wait for now, and what to do when it is ready.
  void want(pollfd *wanted) const;
  /// True: the user has typed the keys that detach.
  bool carry(const pollfd *wanted, DetachKeys &keys);
  void resize() const;
  /// The program has ended: stop reading input, and take a last look at its output.
  void end();
  /// Whether there is still something to write.
  [[nodiscard]] bool busy() const { return output_.wants_to_write(); }

  [[nodiscard]] int master() const { return master_.get(); }
  [[nodiscard]] int slave() const { return slave_.get(); }

private:
  void hang_up();

  sys::UniqueFd master_, slave_;
  Copying input_, output_;
};

} // namespace pocker::host
