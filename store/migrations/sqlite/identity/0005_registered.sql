-- The day on which an operator registered, by the service's own clock: only whoever was there before a quarter's last day closes it
-- with another. An invitation's day is the inviter's word; it is all that is there of those who came before.

ALTER TABLE staff ADD COLUMN registered INTEGER;  -- null for everybody else

UPDATE staff SET registered = invited WHERE role = 'operator';
