-- A person. The e-mail is as it is compared: trimmed, in lower case. The password is there only as its argon2id hash.
CREATE TABLE users (
    id BLOB NOT NULL CONSTRAINT users_pkey PRIMARY KEY,
    email text NOT NULL CONSTRAINT users_email_unique UNIQUE,
    name text NOT NULL,
    password_hash text NOT NULL,
    created_at INTEGER NOT NULL,
    password_changed_at INTEGER NOT NULL,
    CONSTRAINT users_email_form CHECK (length(email) BETWEEN 3 AND 254 AND email = lower(trim(email)) AND email LIKE '%_@_%'),
    CONSTRAINT users_name_present CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT users_password_hashed CHECK (password_hash LIKE '$argon2id$%')
) STRICT;

-- Who of them works for the platform, and as what.
CREATE TABLE staff (
    user_id BLOB NOT NULL CONSTRAINT staff_pkey PRIMARY KEY CONSTRAINT staff_user_fkey REFERENCES users (id),
    role text NOT NULL,
    CONSTRAINT staff_role_known CHECK (role IN ('owner', 'finance_author', 'finance_approver', 'support', 'auditor'))
) STRICT;
CREATE TRIGGER staff_user_fkey BEFORE INSERT ON staff
WHEN NEW.user_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM users WHERE id = NEW.user_id)
BEGIN SELECT RAISE(ABORT, 'staff_user_fkey'); END;

-- Somebody who is signed in. `expires_at` is the end that use does not put off.
CREATE TABLE sessions (
    id BLOB NOT NULL CONSTRAINT sessions_pkey PRIMARY KEY,
    token_hash BLOB NOT NULL CONSTRAINT sessions_token_unique UNIQUE,
    user_id BLOB NOT NULL CONSTRAINT sessions_user_fkey REFERENCES users (id),
    audience text NOT NULL,
    kind text NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    CONSTRAINT sessions_token_length CHECK (length(token_hash) = 32),
    CONSTRAINT sessions_audience_known CHECK (audience IN ('staff', 'member')),
    CONSTRAINT sessions_kind_known CHECK (kind IN ('bearer', 'cookie')),
    CONSTRAINT sessions_end_after_beginning CHECK (expires_at > created_at)
) STRICT;
CREATE INDEX sessions_of_user ON sessions (user_id);
CREATE TRIGGER sessions_user_fkey BEFORE INSERT ON sessions
WHEN NEW.user_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM users WHERE id = NEW.user_id)
BEGIN SELECT RAISE(ABORT, 'sessions_user_fkey'); END;

-- A device somebody has signed in from. It opens nothing: it is not held up by what strangers try.
CREATE TABLE devices (
    id BLOB NOT NULL CONSTRAINT devices_pkey PRIMARY KEY,
    token_hash BLOB NOT NULL CONSTRAINT devices_token_unique UNIQUE,
    user_id BLOB NOT NULL CONSTRAINT devices_user_fkey REFERENCES users (id),
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    CONSTRAINT devices_token_length CHECK (length(token_hash) = 32)
) STRICT;
CREATE INDEX devices_of_user ON devices (user_id, seen_at);
CREATE TRIGGER devices_user_fkey BEFORE INSERT ON devices
WHEN NEW.user_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM users WHERE id = NEW.user_id)
BEGIN SELECT RAISE(ABORT, 'devices_user_fkey'); END;

-- How often somebody tried to sign in, by what they tried with: `key` is a keyed hash of an e-mail, an address or a device.
CREATE TABLE login_attempts (
    key BLOB NOT NULL CONSTRAINT login_attempts_pkey PRIMARY KEY,
    count INTEGER NOT NULL,
    counted_at INTEGER NOT NULL,
    open_at INTEGER NOT NULL,
    tried_at INTEGER NOT NULL,
    CONSTRAINT login_attempts_key_length CHECK (length(key) = 32),
    CONSTRAINT login_attempts_counted CHECK (count >= 0)
) STRICT;
CREATE INDEX login_attempts_by_age ON login_attempts (tried_at);
