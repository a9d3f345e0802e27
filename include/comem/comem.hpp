#pragma once
// All of comem.

#include <comem/adapter.hpp>
#include <comem/any_memory.hpp>
#include <comem/clock.hpp>
#include <comem/digest.hpp>
#include <comem/error.hpp>
#include <comem/health.hpp>
#include <comem/options.hpp>
