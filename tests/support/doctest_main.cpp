// The main() of programs that are nothing but tests. A program with a main() of its own links all the rest.

#include <doctest/doctest.h>

int main(int argc, char** argv) {
  return doctest::Context(argc, argv).run();
}
