variable "endpoints" {
  type = map(object({ type = string }))
}

data "aws_region" "this" {}

resource "aws_security_group" "endpoints" {
  name   = "bond-endpoints"
  vpc_id = "vpc-1"
}

resource "aws_security_group_rule" "endpoints" {
  security_group_id = aws_security_group.endpoints.id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_blocks       = ["10.0.0.0/8"]
}

resource "aws_vpc_endpoint" "this" {
  for_each = var.endpoints

  vpc_id              = "vpc-1"
  service_name        = "com.amazonaws.${data.aws_region.this.name}.${each.key}"
  vpc_endpoint_type   = each.value.type
  route_table_ids     = each.value.type == "Gateway" ? ["rtb-private", "rtb-main"] : null
  subnet_ids          = each.value.type == "Interface" ? ["subnet-a", "subnet-b"] : null
  security_group_ids  = each.value.type == "Interface" ? [aws_security_group.endpoints.id] : null
  private_dns_enabled = each.value.type == "Interface"
}
