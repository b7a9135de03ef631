variable "endpoints" {
  type = list(object({
    name   = string
    policy = optional(string)
  }))

  default = [
    { name = "logs" },
    { name = "kms", policy = "{\"Statement\":[{\"Action\":\"kms:*\",\"Effect\":\"Allow\",\"Resource\":\"*\",\"Principal\":\"*\"}]}" },
  ]
}

resource "aws_vpc_endpoint" "interface" {
  count = length(var.endpoints)

  vpc_id              = module.net.vpc_id
  service_name        = "com.amazonaws.us-west-2.${var.endpoints[count.index].name}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = module.net.subnets
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true
  policy              = var.endpoints[count.index].policy
}

resource "aws_security_group" "endpoints" {
  name   = "bond-endpoints"
  vpc_id = module.net.vpc_id

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.40.0.0/16"]
  }
}
