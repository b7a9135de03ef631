resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = "vpc-1"
}

# resource "aws_vpc_security_group_egress_rule" "https" {
#   security_group_id = aws_security_group.app.id
#   ip_protocol       = "tcp"
#   from_port         = 443
#   to_port           = 443
#   cidr_ipv4         = aws_vpc.gone.cidr_block
# }
