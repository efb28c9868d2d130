#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <vector>

namespace sluice::test {

/// As long as it lives, this process can open nothing.
class DescriptorFamine {
public:
    DescriptorFamine()
    {
        ::getrlimit(RLIMIT_NOFILE, &m_before);
        const struct rlimit small {
            512, m_before.rlim_max
        };
        ::setrlimit(RLIMIT_NOFILE, &small);
        for (int descriptor = ::dup(0); descriptor >= 0; descriptor = ::dup(0)) {
            m_held.push_back(descriptor);
        }
    }
    ~DescriptorFamine()
    {
        for (const int descriptor : m_held) {
            ::close(descriptor);
        }
        ::setrlimit(RLIMIT_NOFILE, &m_before);
    }
    DescriptorFamine(const DescriptorFamine&) = delete;
    DescriptorFamine& operator=(const DescriptorFamine&) = delete;

private:
    struct rlimit m_before {};
    std::vector<int> m_held;
};

}  // namespace sluice::test
