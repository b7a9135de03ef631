resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = "vpc-1"
}

# resource "aws_security_group_rule" "https" {
#   type              = "egress"
#   security_group_id = aws_security_group.app.id
#   protocol          = "tcp"
#   from_port         = 443
#   to_port           = 443
#   cidr_blocks       = ["0.0.0.0/0"]
# }
