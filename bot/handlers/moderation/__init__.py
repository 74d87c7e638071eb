"""What moderators and owners do. To anybody else each command here is an unknown command, each button an old one."""
