// The libsrtp stand-in on its ways out: every refusal it must give, and a round trip to prove that the
// refusals are not all it can do. Run by test_standin.py.
#include <srtp.h>

#include <arpa/inet.h>
#include <array>
#include <cstdio>
#include <vector>

static int failures = 0;

#define EXPECT(actual, expected)                                                                  \
	do                                                                                              \
	{                                                                                               \
		const long got = static_cast<long>(actual), want = static_cast<long>(expected);               \
		if (got != want)                                                                              \
		{                                                                                             \
			std::printf("line %d: %s is %ld, not %ld\n", __LINE__, #actual, got, want);                 \
			++failures;                                                                                 \
		}                                                                                             \
	} while (false)

static constexpr srtp_profile_t Profile = srtp_profile_aes128_cm_sha1_80;
static constexpr size_t KeyLen = 16, SaltLen = 14, TagLen = 10;
static const std::array<uint8_t, SRTP_MAX_KEY_LEN> Key{ 1, 2, 3, 4, 5, 6, 7, 8 };

static srtp_policy_t makePolicy(srtp_ssrc_type_t direction)
{
	srtp_policy_t policy = nullptr;
	srtp_ssrc_t ssrc{};
	ssrc.type = direction;

	EXPECT(srtp_policy_create(&policy), srtp_err_status_ok);
	EXPECT(srtp_policy_set_ssrc(policy, ssrc), srtp_err_status_ok);
	EXPECT(srtp_policy_set_profile(policy, Profile), srtp_err_status_ok);
	EXPECT(srtp_policy_set_window_size(policy, 1024), srtp_err_status_ok);
	EXPECT(srtp_policy_set_allow_repeat_tx(policy, true), srtp_err_status_ok);

	return policy;
}

static srtp_t makeSession(srtp_ssrc_type_t direction)
{
	srtp_policy_t policy = makePolicy(direction);
	srtp_t session       = nullptr;

	EXPECT(srtp_policy_add_key(policy, Key.data(), KeyLen, Key.data() + KeyLen, SaltLen, nullptr, 0), srtp_err_status_ok);
	EXPECT(srtp_create(&session, policy), srtp_err_status_ok);
	srtp_policy_destroy(policy);

	return session;
}

static void policyRefusals()
{
	const srtp_ssrc_t ssrc{};

	EXPECT(srtp_policy_create(nullptr), srtp_err_status_bad_param);
	EXPECT(srtp_policy_set_ssrc(nullptr, ssrc), srtp_err_status_bad_param);
	EXPECT(srtp_policy_set_profile(nullptr, Profile), srtp_err_status_bad_param);
	EXPECT(srtp_policy_set_window_size(nullptr, 1024), srtp_err_status_bad_param);
	EXPECT(srtp_policy_set_allow_repeat_tx(nullptr, true), srtp_err_status_bad_param);
	srtp_policy_destroy(nullptr);

	srtp_policy_t policy = makePolicy(ssrc_any_outbound);
	srtp_t session       = nullptr;

	EXPECT(srtp_policy_set_profile(policy, srtp_profile_reserved), srtp_err_status_bad_param);
	EXPECT(srtp_policy_set_window_size(policy, 63), srtp_err_status_bad_param);
	EXPECT(srtp_policy_set_window_size(policy, 0x8000), srtp_err_status_bad_param);

	// A session without a key, then keys that cannot be taken, then a key too short for the profile.
	EXPECT(srtp_create(&session, policy), srtp_err_status_bad_param);
	EXPECT(srtp_policy_add_key(policy, nullptr, KeyLen, Key.data(), SaltLen, nullptr, 0), srtp_err_status_bad_param);
	EXPECT(srtp_policy_add_key(policy, Key.data(), KeyLen, nullptr, SaltLen, nullptr, 0), srtp_err_status_bad_param);
	EXPECT(srtp_policy_add_key(policy, Key.data(), 0, Key.data(), SaltLen, nullptr, 0), srtp_err_status_bad_param);
	EXPECT(srtp_policy_add_key(policy, Key.data(), SRTP_MAX_KEY_LEN, Key.data(), 1, nullptr, 0), srtp_err_status_bad_param);
	EXPECT(srtp_policy_add_key(policy, Key.data(), KeyLen, Key.data(), SIZE_MAX, nullptr, 0), srtp_err_status_bad_param);
	EXPECT(srtp_policy_add_key(policy, Key.data(), KeyLen, Key.data(), SaltLen, Key.data(), 4), srtp_err_status_bad_param);
	EXPECT(srtp_policy_add_key(policy, Key.data(), KeyLen - 1, Key.data(), SaltLen, nullptr, 0), srtp_err_status_ok);
	EXPECT(srtp_create(&session, policy), srtp_err_status_bad_param);
	EXPECT(srtp_policy_add_key(policy, Key.data(), KeyLen, Key.data(), SaltLen, nullptr, 0), srtp_err_status_bad_param);
	EXPECT(srtp_create(nullptr, policy), srtp_err_status_bad_param);
	EXPECT(srtp_create(&session, nullptr), srtp_err_status_bad_param);
	EXPECT(session == nullptr, true);
	srtp_policy_destroy(policy);
}

static void packets()
{
	srtp_t sender   = makeSession(ssrc_any_outbound);
	srtp_t receiver = makeSession(ssrc_any_inbound);

	const std::vector<uint8_t> rtp{ 0x80, 100, 0, 1, 0, 0, 0, 9, 0, 0, 0, 7, 'h', 'e', 'l', 'l', 'o' };
	std::vector<uint8_t> sealed(256), opened(256);
	size_t sealedLen = sealed.size(), openedLen = opened.size(), length;

	EXPECT(srtp_protect(nullptr, rtp.data(), rtp.size(), sealed.data(), &sealedLen, 0), srtp_err_status_bad_param);
	EXPECT(srtp_protect(sender, nullptr, rtp.size(), sealed.data(), &sealedLen, 0), srtp_err_status_bad_param);
	EXPECT(srtp_protect(sender, rtp.data(), rtp.size(), nullptr, &sealedLen, 0), srtp_err_status_bad_param);
	EXPECT(srtp_protect(sender, rtp.data(), rtp.size(), sealed.data(), nullptr, 0), srtp_err_status_bad_param);
	EXPECT(srtp_protect(sender, rtp.data(), size_t{ INT_MAX } + 1, sealed.data(), &sealedLen, 0), srtp_err_status_bad_param);
	EXPECT(srtp_protect(sender, rtp.data(), rtp.size(), sealed.data(), &sealedLen, 1), srtp_err_status_bad_mki);
	length = rtp.size() + SRTP_MAX_TRAILER_LEN - 1;
	EXPECT(srtp_protect(sender, rtp.data(), rtp.size(), sealed.data(), &length, 0), srtp_err_status_buffer_small);
	length = rtp.size() - 1;
	EXPECT(srtp_protect(sender, rtp.data(), rtp.size(), sealed.data(), &length, 0), srtp_err_status_buffer_small);

	EXPECT(srtp_protect(sender, rtp.data(), rtp.size(), sealed.data(), &sealedLen, 0), srtp_err_status_ok);
	EXPECT(sealedLen, rtp.size() + TagLen);

	std::vector<uint8_t> forged = sealed;
	forged[14] ^= 1;
	EXPECT(srtp_unprotect(receiver, forged.data(), sealedLen, opened.data(), &openedLen), srtp_err_status_auth_fail);
	length = sealedLen - 1;
	EXPECT(srtp_unprotect(receiver, sealed.data(), sealedLen, opened.data(), &length), srtp_err_status_buffer_small);
	EXPECT(srtp_unprotect(receiver, sealed.data(), sealedLen, opened.data(), &openedLen), srtp_err_status_ok);
	EXPECT(openedLen, rtp.size());
	EXPECT(memcmp(opened.data(), rtp.data(), rtp.size()), 0);
	openedLen = opened.size();
	EXPECT(srtp_unprotect(receiver, sealed.data(), sealedLen, opened.data(), &openedLen), srtp_err_status_replay_fail);

	// In place, as the worker opens what it receives, and RTCP: a receiver report.
	const std::vector<uint8_t> rtcp{ 0x80, 201, 0, 1, 0, 0, 0, 7 };
	sealedLen = sealed.size();
	EXPECT(srtp_protect_rtcp(sender, rtcp.data(), rtcp.size(), sealed.data(), &sealedLen, 1), srtp_err_status_bad_mki);
	length = rtcp.size() + SRTP_MAX_TRAILER_LEN;
	EXPECT(srtp_protect_rtcp(sender, rtcp.data(), rtcp.size(), sealed.data(), &length, 0), srtp_err_status_buffer_small);
	EXPECT(srtp_protect_rtcp(sender, rtcp.data(), rtcp.size(), sealed.data(), &sealedLen, 0), srtp_err_status_ok);
	length = sealedLen;
	EXPECT(srtp_unprotect_rtcp(receiver, sealed.data(), sealedLen, sealed.data(), &length), srtp_err_status_ok);
	EXPECT(length, rtcp.size());
	EXPECT(memcmp(sealed.data(), rtcp.data(), rtcp.size()), 0);

	EXPECT(srtp_stream_remove(receiver, htonl(8)), srtp_err_status_no_ctx);
	EXPECT(srtp_stream_remove(receiver, htonl(7)), srtp_err_status_ok);
	EXPECT(srtp_dealloc(sender), srtp_err_status_ok);
	EXPECT(srtp_dealloc(receiver), srtp_err_status_ok);
}

int main()
{
	EXPECT(srtp_init(), srtp_err_status_ok);
	policyRefusals();
	packets();
	std::printf("%d failed\n", failures);

	return failures == 0 ? 0 : 1;
}
