output "vpc_id" {
  value = aws_vpc.this.id
}

output "app_subnet_ids" {
  value = [aws_subnet.a.id, aws_subnet.b.id, aws_subnet.c.id]
}

output "egress_subnet_ids" {
  value = values(local.egress)
}
