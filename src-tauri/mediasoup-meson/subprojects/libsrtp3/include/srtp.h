// The calls of libsrtp 3 that mediasoup's worker makes, in terms of libsrtp 2.
//
// libsrtp 3 differs in two ways that matter here: a policy is an opaque object filled by setters, and
// protect and unprotect take an input and an output buffer, each with its length in `size_t`.
// Source: https://github.com/cisco/libsrtp (include/srtp.h of the 3.0 beta and of 2.5).
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// libsrtp 2 calls its struct of settings what libsrtp 3 calls its handle.
#define srtp_policy_t confab_srtp2_policy_t
#include <srtp2/srtp.h>
#undef srtp_policy_t

#define srtp_err_status_buffer_small (static_cast<srtp_err_status_t>(28))
#define srtp_err_status_cryptex_err (static_cast<srtp_err_status_t>(29))

// SRTCP adds the word of the E flag and the index to what SRTP adds (RFC 3711, section 3.4).
#define CONFAB_SRTCP_MAX_TRAILER_LEN (SRTP_MAX_TRAILER_LEN + 4)

struct confab_srtp_policy
{
	srtp_profile_t profile;
	srtp_ssrc_t ssrc;
	uint8_t key[SRTP_MAX_KEY_LEN];
	size_t key_len;
	size_t salt_len;
	size_t window_size;
	bool allow_repeat_tx;
};

typedef struct confab_srtp_policy* srtp_policy_t;

static inline srtp_err_status_t srtp_policy_create(srtp_policy_t* policy)
{
	if (!policy)
	{
		return srtp_err_status_bad_param;
	}

	*policy = static_cast<srtp_policy_t>(calloc(1, sizeof(struct confab_srtp_policy)));

	return *policy ? srtp_err_status_ok : srtp_err_status_alloc_fail;
}

static inline void srtp_policy_destroy(srtp_policy_t policy)
{
	if (!policy)
	{
		return;
	}

	// Through a volatile pointer, or the compiler drops the wiping of a buffer about to be freed.
	volatile uint8_t* key = policy->key;

	for (size_t i = 0; i < sizeof(policy->key); ++i)
	{
		key[i] = 0;
	}

	free(policy);
}

static inline srtp_err_status_t srtp_policy_set_ssrc(srtp_policy_t policy, srtp_ssrc_t ssrc)
{
	if (!policy)
	{
		return srtp_err_status_bad_param;
	}

	policy->ssrc = ssrc;

	return srtp_err_status_ok;
}

static inline srtp_err_status_t srtp_policy_set_profile(srtp_policy_t policy, srtp_profile_t profile)
{
	if (!policy || srtp_profile_get_master_key_length(profile) == 0)
	{
		return srtp_err_status_bad_param;
	}

	policy->profile = profile;

	return srtp_err_status_ok;
}

static inline srtp_err_status_t srtp_policy_add_key(
  srtp_policy_t policy,
  const uint8_t* key,
  size_t key_len,
  const uint8_t* salt,
  size_t salt_len,
  const uint8_t* mki,
  size_t mki_len)
{
	// One key, without a master key identifier, is all that DTLS-SRTP sets up (RFC 5764).
	if (!policy || !key || !salt || mki || mki_len != 0 || policy->key_len != 0)
	{
		return srtp_err_status_bad_param;
	}

	if (key_len == 0 || key_len > SRTP_MAX_KEY_LEN || salt_len > SRTP_MAX_KEY_LEN - key_len)
	{
		return srtp_err_status_bad_param;
	}

	memcpy(policy->key, key, key_len);
	memcpy(policy->key + key_len, salt, salt_len);
	policy->key_len  = key_len;
	policy->salt_len = salt_len;

	return srtp_err_status_ok;
}

static inline srtp_err_status_t srtp_policy_set_allow_repeat_tx(srtp_policy_t policy, bool allow)
{
	if (!policy)
	{
		return srtp_err_status_bad_param;
	}

	policy->allow_repeat_tx = allow;

	return srtp_err_status_ok;
}

static inline srtp_err_status_t srtp_policy_set_window_size(srtp_policy_t policy, size_t window_size)
{
	// The bounds that libsrtp 2 documents for a replay window.
	if (!policy || window_size < 64 || window_size >= 0x8000)
	{
		return srtp_err_status_bad_param;
	}

	policy->window_size = window_size;

	return srtp_err_status_ok;
}

static inline srtp_err_status_t confab_srtp_create(srtp_t* session, srtp_policy_t policy)
{
	// libsrtp 2 reads as many key bytes as the profile wants, however many were given.
	if (
	  !session || !policy || policy->key_len == 0 ||
	  policy->key_len != srtp_profile_get_master_key_length(policy->profile) ||
	  policy->salt_len != srtp_profile_get_master_salt_length(policy->profile))
	{
		return srtp_err_status_bad_param;
	}

	confab_srtp2_policy_t settings;
	memset(&settings, 0, sizeof(settings));

	srtp_err_status_t err = srtp_crypto_policy_set_from_profile_for_rtp(&settings.rtp, policy->profile);

	if (err == srtp_err_status_ok)
	{
		err = srtp_crypto_policy_set_from_profile_for_rtcp(&settings.rtcp, policy->profile);
	}

	if (err != srtp_err_status_ok)
	{
		return err;
	}

	settings.ssrc            = policy->ssrc;
	settings.key             = policy->key;
	settings.window_size     = policy->window_size;
	settings.allow_repeat_tx = policy->allow_repeat_tx ? 1 : 0;

	return srtp_create(session, &settings);
}

// libsrtp 2 works in place on one buffer whose length is an `int`.
typedef srtp_err_status_t (*confab_srtp2_transform)(srtp_t, void*, int*);

static inline srtp_err_status_t confab_srtp_transform(
  confab_srtp2_transform transform,
  srtp_t session,
  const uint8_t* in,
  size_t in_len,
  size_t room_needed,
  uint8_t* out,
  size_t* out_len)
{
	if (!session || !in || !out || !out_len || in_len > INT_MAX)
	{
		return srtp_err_status_bad_param;
	}

	if (*out_len < in_len || *out_len - in_len < room_needed)
	{
		return srtp_err_status_buffer_small;
	}

	int len = static_cast<int>(in_len);

	memmove(out, in, in_len);

	const srtp_err_status_t err = transform(session, out, &len);

	if (err == srtp_err_status_ok)
	{
		*out_len = static_cast<size_t>(len);
	}

	return err;
}

static inline srtp_err_status_t confab_srtp_protect(
  srtp_t session, const uint8_t* rtp, size_t rtp_len, uint8_t* srtp, size_t* srtp_len, size_t mki_index)
{
	if (mki_index != 0)
	{
		return srtp_err_status_bad_mki;
	}

	return confab_srtp_transform(
	  srtp_protect, session, rtp, rtp_len, SRTP_MAX_TRAILER_LEN, srtp, srtp_len);
}

static inline srtp_err_status_t confab_srtp_protect_rtcp(
  srtp_t session, const uint8_t* rtcp, size_t rtcp_len, uint8_t* srtcp, size_t* srtcp_len, size_t mki_index)
{
	if (mki_index != 0)
	{
		return srtp_err_status_bad_mki;
	}

	return confab_srtp_transform(
	  srtp_protect_rtcp, session, rtcp, rtcp_len, CONFAB_SRTCP_MAX_TRAILER_LEN, srtcp, srtcp_len);
}

static inline srtp_err_status_t confab_srtp_unprotect(
  srtp_t session, const uint8_t* srtp, size_t srtp_len, uint8_t* rtp, size_t* rtp_len)
{
	return confab_srtp_transform(srtp_unprotect, session, srtp, srtp_len, 0, rtp, rtp_len);
}

static inline srtp_err_status_t confab_srtp_unprotect_rtcp(
  srtp_t session, const uint8_t* srtcp, size_t srtcp_len, uint8_t* rtcp, size_t* rtcp_len)
{
	return confab_srtp_transform(srtp_unprotect_rtcp, session, srtcp, srtcp_len, 0, rtcp, rtcp_len);
}

#define srtp_create confab_srtp_create
#define srtp_protect confab_srtp_protect
#define srtp_protect_rtcp confab_srtp_protect_rtcp
#define srtp_unprotect confab_srtp_unprotect
#define srtp_unprotect_rtcp confab_srtp_unprotect_rtcp
#define srtp_stream_remove srtp_remove_stream
