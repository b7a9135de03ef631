resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_route_table" "private" {
  count  = 2
  vpc_id = aws_vpc.this.id
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = aws_vpc.this.id

  egress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}

output "vpc_id" {
  value = aws_vpc.this.id
}

output "private_route_table_ids" {
  value = aws_route_table.private[*].id
}

output "app_security_group_id" {
  value = aws_security_group.app.id
}
