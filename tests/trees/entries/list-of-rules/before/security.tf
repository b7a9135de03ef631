resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = "vpc-1"

  egress = [
    {
      description      = "Database"
      from_port        = 5432
      to_port          = 5432
      protocol         = "tcp"
      cidr_blocks      = ["10.40.0.0/16"]
      ipv6_cidr_blocks = []
      prefix_list_ids  = []
      security_groups  = []
      self             = false
    },
  ]
}
