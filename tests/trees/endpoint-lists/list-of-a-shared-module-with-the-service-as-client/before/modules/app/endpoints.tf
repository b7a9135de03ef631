resource "aws_security_group" "endpoints" {
  name   = "bond-endpoints"
  vpc_id = "vpc-1"
}

resource "aws_vpc_security_group_ingress_rule" "app" {
  security_group_id            = aws_security_group.endpoints.id
  referenced_security_group_id = aws_security_group.app.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

resource "aws_vpc_endpoint" "interface" {
  for_each = toset(var.services)

  vpc_id              = "vpc-1"
  service_name        = "com.amazonaws.us-west-2.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = ["subnet-a", "subnet-b"]
  security_group_ids  = [aws_security_group.endpoints.id]
}
